package dev.drover.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.drover.qemu.probe.CapturedSchemas;
import dev.drover.spi.activity.Activity;
import dev.drover.spi.activity.Work;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R4, R21: what is told of commands while QEMU has them, and when it has answered. */
class CommandActivityTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration BRIEF = Duration.ofMillis(150);

  @TempDir Path directory;
  private final List<String> told = new CopyOnWriteArrayList<>();
  private QmpEventLoop loop;
  private FakeQemu fake;

  @BeforeEach
  void start() {
    loop = new QmpEventLoop(this::begin);
    fake = FakeQemu.listening(directory.resolve("qmp.sock"), CapturedSchemas.QEMU_7_2.schema());
  }

  @AfterEach
  void stop() {
    fake.close();
    loop.close();
  }

  private Activity begin(Work work) {
    assertThat(work).isInstanceOf(Work.Command.class);
    String text = ((Work.Command) work).command() + " of " + work.domainName();
    told.add("begin " + text);
    return new Activity() {
      @Override
      public void gaveUp() {
        told.add("gave up " + text);
      }

      @Override
      public void end(Outcome outcome) {
        told.add(outcome + " " + text);
      }
    };
  }

  private QmpConnection connect() throws IOException {
    QmpConnection connection = QmpConnection.connect(loop, directory.resolve("qmp.sock"), PATIENCE);
    assertThat(told).containsExactly("begin qmp_capabilities of ", "DONE qmp_capabilities of ");
    told.clear();
    connection.serves("uuid", "web");
    return connection;
  }

  @Test
  void anAnswerOrARefusalEndsIt() throws IOException {
    fake.expect("job-dismiss").thenFail("DeviceNotFound", "Job not found");
    fake.expect("stop").thenReturn("{}");
    try (QmpConnection connection = connect()) {
      assertThatThrownBy(() -> connection.execute(new BlockJobCommand.JobDismiss("job")))
          .isInstanceOf(QmpCommandException.class);
      connection.execute(new RunCommand.Stop());
      assertThat(told)
          .containsExactly(
              "begin job-dismiss of web",
              "FAILED job-dismiss of web",
              "begin stop of web",
              "DONE stop of web");
    }
  }

  /** A hung QEMU has the command long after its caller went away. */
  @Test
  void aCommandWithoutAnAnswerLastsUntilTheConnectionIsLost() throws IOException {
    fake.expect("stop").thenStaySilent();
    try (QmpConnection connection = connect()) {
      assertThatThrownBy(() -> connection.execute(new RunCommand.Stop(), BRIEF))
          .isInstanceOf(QmpTimeoutException.class);
      assertThat(told).containsExactly("begin stop of web", "gave up stop of web");
    }
    await().untilAsserted(() -> assertThat(told).last().isEqualTo("LOST stop of web"));
  }

  @Test
  void aLateAnswerEndsItToo() throws IOException {
    fake.expect("stop").thenStaySilent();
    try (QmpConnection connection = connect()) {
      assertThatThrownBy(() -> connection.execute(new RunCommand.Stop(), BRIEF))
          .isInstanceOf(QmpTimeoutException.class);
      long id = fake.received().get(1).get("id").longValue();
      fake.send("{\"return\": {}, \"id\": %d}\r\n".formatted(id));
      await().untilAsserted(() -> assertThat(told).last().isEqualTo("DONE stop of web"));
    }
  }

  @Test
  void whatIsNotSentEndsAtOnce() throws IOException {
    QmpConnection connection = connect();
    connection.close();
    await().until(() -> connection.state() == QmpConnection.State.CLOSED);
    assertThatThrownBy(() -> connection.execute(new RunCommand.Stop()))
        .isInstanceOf(QmpConnectionLostException.class);
    assertThat(told).containsExactly("begin stop of web", "LOST stop of web");
  }
}
