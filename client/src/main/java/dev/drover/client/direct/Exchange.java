package dev.drover.client.direct;

import com.google.protobuf.ByteString;
import dev.drover.client.direct.Frames.Frame;
import dev.drover.client.direct.HeaderBlock.Header;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** One call of gRPC on a fresh connection, which carries nothing else. */
final class Exchange {
  /** What gRPC's own clients take. */
  static final int LARGEST_ANSWER = 4 << 20;

  /** What may be sent before the other end has said how much it takes, less the prefix. */
  static final int LARGEST_REQUEST = 65_535 - 5;

  private static final String DETAILS = "grpc-status-details-bin";
  private static final int OK = 0;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int PREFIX = 5;
  private static final int STREAM = 1;
  private static final int LARGEST_HEADERS = 64 << 10;
  private static final int WINDOW = LARGEST_ANSWER + (64 << 10);
  private static final int FIRST_WINDOW = 65_535;
  private static final int SETTING_HEADER_TABLE = 1;
  private static final int SETTING_PUSH = 2;
  private static final int SETTING_WINDOW = 4;
  private static final int REFUSED_STREAM = 7;
  private static final int CANCEL = 8;

  private final Frames frames;
  private final ByteArrayOutputStream block = new ByteArrayOutputStream();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private boolean answered;
  private boolean lastBlock;
  private long announced = -1;

  Exchange(Frames frames) {
    this.frames = frames;
  }

  /** How a call ended. */
  sealed interface Answer {
    /** The answer's bytes; a failure is thrown. */
    ByteString orThrow();

    /**
     * With an answer.
     *
     * @param message the answer's bytes
     */
    record Message(ByteString message) implements Answer {
      @Override
      public ByteString orThrow() {
        return message;
      }
    }

    /**
     * With another status than OK. gRPC's own classes for it are for those who see it: they set a
     * log up.
     *
     * @param code number of the status
     * @param description its text, where it has one
     * @param details the details, where it has any
     */
    record Failure(int code, Optional<String> description, Optional<ByteString> details)
        implements Answer {
      @Override
      public ByteString orThrow() {
        Metadata trailers = new Metadata();
        Metadata.Key<byte[]> key = Metadata.Key.of(DETAILS, Metadata.BINARY_BYTE_MARSHALLER);
        details.ifPresent(bytes -> trailers.put(key, bytes.toByteArray()));
        Status status = Status.fromCodeValue(code);
        throw description.map(status::withDescription).orElse(status).asRuntimeException(trailers);
      }
    }
  }

  private static Answer failed(Status.Code code, String description) {
    return new Answer.Failure(code.value(), Optional.of(description), Optional.empty());
  }

  /** All that is sent for a call: the connection's beginning, headers and the message. */
  static ByteBuffer request(List<Header> headers, byte[] message) {
    byte[] preface = PREFACE.getBytes(StandardCharsets.US_ASCII);
    byte[] settings =
        ByteBuffer.allocate(18)
            .putShort((short) SETTING_HEADER_TABLE)
            .putInt(0)
            .putShort((short) SETTING_PUSH)
            .putInt(0)
            .putShort((short) SETTING_WINDOW)
            .putInt(WINDOW)
            .array();
    byte[] window = ByteBuffer.allocate(4).putInt(WINDOW - FIRST_WINDOW).array();
    byte[] block = HeaderBlock.encode(headers);
    byte[] data =
        ByteBuffer.allocate(PREFIX + message.length)
            .put((byte) 0)
            .putInt(message.length)
            .put(message)
            .array();
    ByteBuffer out =
        ByteBuffer.allocate(
            preface.length
                + Frames.room(settings.length)
                + Frames.room(window.length)
                + Frames.room(block.length)
                + Frames.room(data.length));
    out.put(preface);
    Frames.append(out, Frames.SETTINGS, 0, 0, settings);
    Frames.append(out, Frames.WINDOW_UPDATE, 0, 0, window);
    Frames.append(out, Frames.HEADERS, Frames.END_HEADERS, STREAM, block);
    Frames.appendData(out, STREAM, data);
    return out.flip();
  }

  /**
   * Reads frames until the call has ended.
   *
   * @throws ProtocolFailure where they are not as RFC 9113 and gRPC have them
   */
  Answer answer() throws IOException {
    try {
      Optional<Answer> answer = Optional.empty();
      while (answer.isEmpty()) {
        answer = take(frames.next());
      }
      return answer.get();
    } catch (BufferUnderflowException e) {
      throw new ProtocolFailure("a frame is too short");
    }
  }

  private Optional<Answer> take(Frame frame) throws IOException {
    if (frame.type() <= Frames.RST_STREAM && frame.stream() != STREAM) {
      throw new ProtocolFailure("there is no stream " + frame.stream());
    }
    switch (frame.type()) {
      case Frames.DATA -> {
        return data(frame.bare());
      }
      case Frames.HEADERS -> {
        lastBlock = frame.has(Frames.END_STREAM);
        return block(frame.bare());
      }
      case Frames.CONTINUATION -> {
        return block(frame);
      }
      case Frames.RST_STREAM -> {
        return Optional.of(reset(frame.payload().getInt()));
      }
      case Frames.GOAWAY -> {
        if ((frame.payload().getInt() & Integer.MAX_VALUE) < STREAM) {
          return Optional.of(failed(Status.Code.UNAVAILABLE, "the daemon takes no more calls"));
        }
      }
      case Frames.SETTINGS -> {
        if (!frame.has(Frames.ACK)) {
          frames.write(Frames.SETTINGS, Frames.ACK, 0, new byte[0]);
        }
      }
      case Frames.PING -> {
        if (!frame.has(Frames.ACK)) {
          frames.write(Frames.PING, Frames.ACK, 0, frame.bytes());
        }
      }
      case Frames.PUSH_PROMISE ->
          throw new ProtocolFailure("the daemon answers what was not asked");
      default -> {
        // Windows and priorities: everything was sent already. What is unknown is to be ignored.
      }
    }
    return Optional.empty();
  }

  private static Answer reset(int code) {
    return switch (code) {
      case REFUSED_STREAM -> failed(Status.Code.UNAVAILABLE, "the daemon did not begin the call");
      case CANCEL -> failed(Status.Code.CANCELLED, "the daemon cancelled the call");
      default ->
          failed(Status.Code.INTERNAL, "the daemon ended the call with HTTP/2 error " + code);
    };
  }

  private Optional<Answer> data(Frame frame) throws IOException {
    if (!answered) {
      throw new ProtocolFailure("a message comes before its headers");
    }
    data.writeBytes(frame.bytes());
    if (announced < 0 && data.size() >= PREFIX) {
      announced = Integer.toUnsignedLong(ByteBuffer.wrap(data.toByteArray()).getInt(1));
    }
    if (announced > LARGEST_ANSWER) {
      return Optional.of(
          failed(
              Status.Code.RESOURCE_EXHAUSTED,
              "the answer has %d bytes, which is more than %d"
                  .formatted(announced, LARGEST_ANSWER)));
    }
    if (announced >= 0 && data.size() > PREFIX + announced) {
      throw new ProtocolFailure("the answer is not one message");
    }
    return frame.has(Frames.END_STREAM)
        ? Optional.of(failed(Status.Code.INTERNAL, "the answer has no status"))
        : Optional.empty();
  }

  private Optional<Answer> block(Frame frame) throws IOException {
    block.writeBytes(frame.bytes());
    if (block.size() > LARGEST_HEADERS) {
      throw new ProtocolFailure("the headers have more than %d bytes".formatted(LARGEST_HEADERS));
    }
    if (!frame.has(Frames.END_HEADERS)) {
      return Optional.empty();
    }
    List<Header> headers = HeaderBlock.decode(block.toByteArray());
    block.reset();
    if (lastBlock) {
      return Optional.of(ended(headers));
    }
    if (!answered) {
      answered = true;
      return refusedByHttp(headers);
    }
    return Optional.empty();
  }

  private static Optional<Answer> refusedByHttp(List<Header> headers) {
    String status = value(headers, ":status").orElse("");
    String type = value(headers, "content-type").orElse("");
    return status.equals("200") && type.startsWith("application/grpc")
        ? Optional.empty()
        : Optional.of(
            failed(
                Status.Code.UNKNOWN,
                "what answers is no daemon: HTTP status '%s', content type '%s'"
                    .formatted(status, type)));
  }

  private Answer ended(List<Header> trailers) throws IOException {
    Optional<String> code = value(trailers, "grpc-status");
    if (code.isEmpty()) {
      return refusedByHttp(trailers)
          .orElse(failed(Status.Code.INTERNAL, "the answer has no status"));
    }
    int status = number(code.get());
    if (status == OK) {
      return new Answer.Message(message());
    }
    Optional<String> encoded = value(trailers, DETAILS);
    return new Answer.Failure(
        status,
        value(trailers, "grpc-message").map(Exchange::unescaped),
        encoded.isPresent() ? Optional.of(decoded(encoded.get())) : Optional.empty());
  }

  private static int number(String code) throws ProtocolFailure {
    try {
      return Integer.parseInt(code);
    } catch (NumberFormatException e) {
      throw new ProtocolFailure("the status is no number: " + code);
    }
  }

  private static ByteString decoded(String base64) throws ProtocolFailure {
    try {
      return ByteString.copyFrom(Base64.getDecoder().decode(base64));
    } catch (IllegalArgumentException e) {
      throw new ProtocolFailure("the details are not in Base64");
    }
  }

  /** The one message, which is not compressed, as that was not asked for. */
  private ByteString message() throws ProtocolFailure {
    byte[] all = data.toByteArray();
    if (all.length < PREFIX
        || all[0] != 0
        || ByteBuffer.wrap(all).getInt(1) != all.length - PREFIX) {
      throw new ProtocolFailure("the answer is not one message");
    }
    return ByteString.copyFrom(all, PREFIX, all.length - PREFIX);
  }

  private static Optional<String> value(List<Header> headers, String name) {
    return headers.stream()
        .filter(header -> header.name().equals(name))
        .map(Header::value)
        .findFirst();
  }

  /** A text whose bytes of UTF-8 may stand as % and two digits. */
  private static String unescaped(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
      if (next == '%' && high >= 0 && low >= 0) {
        bytes.write((high << 4) | low);
        i += 2;
      } else {
        bytes.write(next);
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
