package dev.drover.server.failure;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/**
 * Makes a status fit into the headers of HTTP/2 in which gRPC sends it. Clients take 8 KiB of them
 * in most languages; beyond that they see a broken connection and no reason (R18). Texts are cut in
 * the middle: how a message begins and what it advises, and the name at the end of a path, stay.
 */
final class HeaderFit {

  /** Leaves a KiB of those 8 for the other headers, which name the call's result. */
  private static final int MOST_BYTES = 7 << 10;

  private static final int LONGEST_TEXT = 4 << 10;
  private static final String CUT = " ... ";

  private HeaderFit() {}

  /** The status itself where it fits, else one whose longest texts are as short as they must be. */
  static Status of(Status status) {
    return IntStream.iterate(LONGEST_TEXT, longest -> longest > CUT.length(), i -> i / 2)
        .mapToObj(longest -> cut(status, longest))
        .filter(candidate -> bytes(candidate) <= MOST_BYTES)
        .findFirst()
        .orElseGet(() -> status.toBuilder().setMessage("").clearDetails().build());
  }

  private static Status cut(Status status, int longest) {
    Status.Builder cut =
        status.toBuilder().setMessage(cut(status.getMessage(), longest)).clearDetails();
    status.getDetailsList().forEach(detail -> cut.addDetails(cut(detail, longest)));
    return cut.build();
  }

  private static Any cut(Any detail, int longest) {
    if (!detail.is(ErrorInfo.class)) {
      return detail;
    }
    try {
      ErrorInfo info = detail.unpack(ErrorInfo.class);
      ErrorInfo.Builder cut = info.toBuilder();
      info.getMetadataMap().forEach((key, value) -> cut.putMetadata(key, cut(value, longest)));
      return Any.pack(cut.build());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("what was packed here cannot be unpacked", e);
    }
  }

  private static String cut(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    int kept = (longest - CUT.length()) / 2;
    return whole(text, 0, kept) + CUT + whole(text, text.length() - kept, text.length());
  }

  /** A part that has no half of a character at its ends. */
  private static String whole(String text, int from, int to) {
    int start = Character.isLowSurrogate(text.charAt(from)) ? from + 1 : from;
    int end = Character.isHighSurrogate(text.charAt(to - 1)) ? to - 1 : to;
    return text.substring(start, Math.max(start, end));
  }

  /** The message goes percent-encoded, and once more with the details in base64. */
  private static int bytes(Status status) {
    int message = 0;
    for (byte each : status.getMessage().getBytes(StandardCharsets.UTF_8)) {
      message += each >= ' ' && each < 0x7f && each != '%' ? 1 : 3;
    }
    return message + (status.getSerializedSize() + 2) / 3 * 4;
  }
}
