package dev.drover.client.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.GetDomainResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may come from the other end, frame by frame. */
@Timeout(60)
class DirectCallsTest {
  private static final String SETTINGS = "000000 04 00 00000000";

  @TempDir private Path directory;
  private Path socket;
  private DirectCalls calls;

  @BeforeEach
  void begin() {
    socket = directory.resolve("droverd.sock");
    calls = new DirectCalls(socket, Map.of());
  }

  @Test
  void settingsAndPingsAreAnswered() throws Exception {
    try (var _ =
        new ScriptedDaemon(
            socket,
            peer ->
                peer.send(SETTINGS)
                    .await("000000 04 01 00000000")
                    .send("000008 06 00 00000000 0102030405060708")
                    .await("000008 06 01 00000000 0102030405060708")
                    .send("000004 08 00 00000000 00000001")
                    .send("000002 f0 00 00000000 abcd")
                    .send(headers(1, 4, started()))
                    .send(frame(0, 0, "0000000000"))
                    .send(headers(1, 5, ended("0"))))) {
      assertThat(call(Duration.ofSeconds(30))).isEqualTo(GetDomainResponse.getDefaultInstance());
    }
  }

  @Test
  void aMessageAndHeadersMayComeInPieces() throws Exception {
    String unknownField = "1a0161";
    byte[] begun = started();
    try (var _ =
        new ScriptedDaemon(
            socket,
            peer ->
                peer.send(SETTINGS)
                    // With a priority and two bytes of padding, and the rest in another frame.
                    .send(frame(1, 0x28, "02 0000000000" + hex(begun).substring(0, 10) + "0000"))
                    .send(frame(9, 4, hex(begun).substring(10)))
                    .send(frame(0, 0, "0000"))
                    .send(frame(0, 8, "03 000003 000000"))
                    .send(frame(0, 0, unknownField))
                    .send(headers(1, 5, ended("0"))))) {
      assertThat(call(Duration.ofSeconds(30)).getUnknownFields().asMap()).containsOnlyKeys(3);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          000004 03 00 00000001 00000007 | UNAVAILABLE
          000004 03 00 00000001 00000008 | CANCELLED
          000004 03 00 00000001 00000002 | INTERNAL
          000008 07 00 00000000 00000000 00000000 | UNAVAILABLE
          000001 03 00 00000001 00 | INTERNAL
          000000 00 00 00000001 | INTERNAL
          000000 01 05 00000003 | INTERNAL
          000000 05 04 00000001 | INTERNAL
          000001 01 0c 00000001 09 | INTERNAL
          004001 04 00 00000000 | INTERNAL
          485454 50 2f 312e3120 343030 | INTERNAL
          000000 01 05 00000001 | UNKNOWN
          """)
  void whateverElseComesEndsTheCall(String sent, Status.Code code) throws Exception {
    try (var _ = new ScriptedDaemon(socket, peer -> peer.send(SETTINGS).send(sent))) {
      assertThat(failure(Duration.ofSeconds(30)).getCode()).isEqualTo(code);
    }
  }

  @Test
  void aDaemonThatGoesAwayIsUnavailable() throws Exception { // R7
    try (var _ = new ScriptedDaemon(socket, peer -> peer.send(SETTINGS).hangUp())) {
      assertThat(failure(Duration.ofSeconds(30)).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }
    assertThat(failure(Duration.ofSeconds(30)).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          000000 00 01 00000001 | INTERNAL | the answer has no status
          000005 00 00 00000001 0000400001 | RESOURCE_EXHAUSTED | which is more than 4194304
          000005 00 00 00000001 0100000000 | INTERNAL | not one message
          00000a 00 00 00000001 0000000000 0000000000 | INTERNAL | not one message
          '' | INTERNAL | not one message
          """)
  void anAnswerIsOneMessageOfALimitedSize(String sent, Status.Code code, String text)
      throws Exception {
    try (var _ =
        new ScriptedDaemon(
            socket,
            peer -> {
              peer.send(SETTINGS).send(headers(1, 4, started())).send(sent);
              var _ = peer.sendInVain(headers(1, 5, ended("0")));
            })) {
      Status failure = failure(Duration.ofSeconds(30));

      assertThat(failure.getCode()).isEqualTo(code);
      assertThat(failure.getDescription()).contains(text);
    }
  }

  @ParameterizedTest
  @CsvSource({"five,''", "5,***"})
  void aStatusThatCannotBeReadIsNone(String status, String details) throws Exception {
    byte[] trailers =
        HeaderBlock.encode(
            List.of(
                new HeaderBlock.Header("grpc-status", status),
                new HeaderBlock.Header("grpc-status-details-bin", details)));
    try (var _ =
        new ScriptedDaemon(
            socket,
            peer ->
                peer.send(SETTINGS).send(headers(1, 4, started())).send(headers(1, 5, trailers)))) {
      assertThat(failure(Duration.ofSeconds(30)).getCode()).isEqualTo(Status.Code.INTERNAL);
    }
  }

  @Test
  void aCallEndsAtItsDeadline() throws Exception { // R10
    try (var _ = new ScriptedDaemon(socket, peer -> {})) {
      assertThat(failure(Duration.ofSeconds(1)).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
    assertThat(failure(Duration.ZERO).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
  }

  @Test
  void closingEndsTheCallsUnderWay() throws Exception {
    try (var daemon = new ScriptedDaemon(socket, peer -> {})) {
      CompletableFuture<Status> failure =
          CompletableFuture.supplyAsync(
              () -> failure(Duration.ofSeconds(30)), Executors.newVirtualThreadPerTaskExecutor());
      daemon.awaitCall();

      calls.close();

      assertThat(failure.get(10, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.CANCELLED);
    }
    assertThat(failure(Duration.ofSeconds(30)).getCode()).isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void anInterruptEndsTheCall() throws Exception {
    try (var daemon = new ScriptedDaemon(socket, peer -> {})) {
      CompletableFuture<Status> failure = new CompletableFuture<>();
      CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
      Thread caller =
          Thread.ofVirtual()
              .start(
                  () -> {
                    failure.complete(failure(Duration.ofSeconds(30)));
                    interrupted.complete(Thread.currentThread().isInterrupted());
                  });
      daemon.awaitCall();

      caller.interrupt();

      assertThat(failure.get(10, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.CANCELLED);
      assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void timesHaveNoMoreThanEightDigits() {
    assertThat(List.of(1L, 99_999_999L, 100_000_000L, 60_000_000_000L, Long.MAX_VALUE))
        .extracting(DirectCalls::timeout)
        .containsExactly("1n", "99999999n", "100000u", "60000000u", "99999999S");
  }

  private GetDomainResponse call(Duration deadline) {
    return calls.call(
        DomainServiceGrpc.getGetDomainMethod(), GetDomainRequest.getDefaultInstance(), deadline);
  }

  private Status failure(Duration deadline) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> call(deadline)).getStatus();
  }

  private static byte[] started() {
    return HeaderBlock.encode(
        List.of(
            new HeaderBlock.Header(":status", "200"),
            new HeaderBlock.Header("content-type", "application/grpc")));
  }

  private static byte[] ended(String status) {
    return HeaderBlock.encode(List.of(new HeaderBlock.Header("grpc-status", status)));
  }

  private static byte[] headers(int type, int flags, byte[] block) {
    return frame(type, flags, hex(block));
  }

  private static byte[] frame(int type, int flags, String payload) {
    byte[] bytes = HexFormat.of().parseHex(payload.replace(" ", ""));
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes(
        ByteBuffer.allocate(9)
            .put((byte) 0)
            .putShort((short) bytes.length)
            .put((byte) type)
            .put((byte) flags)
            .putInt(1)
            .array());
    frame.writeBytes(bytes);
    return frame.toByteArray();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
