package dev.drover.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.activity.Activities;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/** What the other side reads, byte for byte, when commands are sent faster than it takes them. */
@Timeout(60)
class QmpFramesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int COMMANDS = 600;
  private static final int SMALLEST = 1;
  private static final String NEGOTIATION =
      "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[]},\"id\":1}";

  @TempDir Path directory;
  private QmpEventLoop loop;
  private ServerSocketChannel server;
  private CompletableFuture<String> read;

  @BeforeEach
  void start() throws IOException {
    loop = new QmpEventLoop(Activities.UNOBSERVED);
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(directory.resolve("qmp.sock")));
    read = new CompletableFuture<>();
    Thread.ofPlatform().daemon().start(this::serve);
  }

  @AfterEach
  void stop() throws IOException {
    loop.close();
    server.close();
  }

  /** Takes a few bytes at a time, and answers each line. */
  private void serve() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (SocketChannel client = server.accept()) {
      client.write(utf8(FakeQemu.GREETING + "\r\n"));
      ByteBuffer some = ByteBuffer.allocate(97);
      int answered = 0;
      while (client.read(some.clear()) >= 0) {
        for (some.flip(); some.hasRemaining(); ) {
          byte next = some.get();
          all.write(next);
          if (next == '\n') {
            answered++;
            client.write(utf8("{\"return\": {}, \"id\": %d}\r\n".formatted(answered)));
          }
        }
      }
      read.complete(all.toString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      read.completeExceptionally(e);
    }
  }

  private static ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private QmpConnection connect() throws IOException {
    AFUNIXSocketChannel channel = AFUNIXSocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_SNDBUF, SMALLEST);
    channel.configureBlocking(false);
    assertThat(channel.connect(AFUNIXSocketAddress.of(directory.resolve("qmp.sock")))).isTrue();
    QmpSession session = new QmpSession(loop, channel, LineFramer.DEFAULT_LIMIT_BYTES);
    session.start(PATIENCE);
    return QmpConnection.negotiate(session, new PeerCredentials(1, 0, 0), PATIENCE);
  }

  /** Frames of every length up to some larger than the socket takes at once. */
  private static String job(int number) {
    return "job-" + number + "x".repeat(number * 37 % 9000);
  }

  private static String frame(int number, int id) {
    return "{\"execute\":\"job-dismiss\",\"arguments\":{\"id\":\"%s\"},\"id\":%d}"
        .formatted(job(number), id);
  }

  @Test
  void framesOfOneThreadComeWholeAndInTheirOrder() throws Exception {
    try (QmpConnection connection = connect()) {
      List<QmpAnswer<Acknowledged>> answers = new ArrayList<>();
      for (int number = 0; number < COMMANDS; number++) {
        answers.add(connection.send(new BlockJobCommand.JobDismiss(job(number)), PATIENCE));
      }
      answers.forEach(answer -> assertThat(answer.await()).isEqualTo(Acknowledged.ACKNOWLEDGED));
    }
    List<String> expected = new ArrayList<>(List.of(NEGOTIATION));
    IntStream.range(0, COMMANDS).forEach(number -> expected.add(frame(number, number + 2)));
    assertSame(
        read.get(PATIENCE.toSeconds(), TimeUnit.SECONDS), String.join("\n", expected) + "\n");
  }

  @Test
  void framesOfManyThreadsComeWhole() throws Exception {
    List<QmpAnswer<Acknowledged>> answers = Collections.synchronizedList(new ArrayList<>());
    try (QmpConnection connection = connect()) {
      List<Thread> senders =
          IntStream.range(0, 4)
              .mapToObj(
                  sender ->
                      Thread.startVirtualThread(
                          () -> {
                            for (int number = sender; number < COMMANDS; number += 4) {
                              answers.add(
                                  connection.send(
                                      new BlockJobCommand.JobDismiss(job(number)), PATIENCE));
                            }
                          }))
              .toList();
      for (Thread sender : senders) {
        assertThat(sender.join(PATIENCE)).isTrue();
      }
      assertThat(answers).hasSize(COMMANDS);
      answers.forEach(answer -> assertThat(answer.await()).isEqualTo(Acknowledged.ACKNOWLEDGED));
    }
    List<String> lines = read.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).lines().toList();
    List<String> came = new ArrayList<>();
    for (int line = 1; line < lines.size(); line++) {
      String id = "\"id\":%d}".formatted(line + 1);
      assertThat(lines.get(line).endsWith(id)).as("line %d", line).isTrue();
      came.add(lines.get(line).replace(id, ""));
    }
    List<String> sent = new ArrayList<>();
    IntStream.range(0, COMMANDS)
        .forEach(number -> sent.add(frame(number, 0).replace("\"id\":0}", "")));
    Collections.sort(came);
    Collections.sort(sent);
    assertSame(lines.getFirst() + String.join("\n", came), NEGOTIATION + String.join("\n", sent));
  }

  /** Tells where two long texts begin to differ, not all of them. */
  private static void assertSame(String actual, String expected) {
    int shorter = Math.min(actual.length(), expected.length());
    int same =
        IntStream.range(0, shorter)
            .filter(place -> actual.charAt(place) != expected.charAt(place))
            .findFirst()
            .orElse(shorter);
    assertThat(part(actual, same)).as("after %d bytes", same).isEqualTo(part(expected, same));
    assertThat(actual.length()).isEqualTo(expected.length());
  }

  private static String part(String text, int place) {
    return text.substring(Math.max(0, place - 60), Math.min(text.length(), place + 60));
  }
}
