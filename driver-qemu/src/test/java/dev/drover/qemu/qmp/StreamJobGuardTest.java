package dev.drover.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.drover.qemu.probe.CapturedSchemas;
import dev.drover.spi.activity.Activities;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** query-named-block-nodes must never reach a QEMU that has a concluded stream job. */
@Timeout(30)
class StreamJobGuardTest {
  private static final QmpCommand<?> NODES = new QueryCommand.QueryNamedBlockNodes(true);
  private static final String NO_JOBS = "[]";

  @TempDir Path directory;
  private QmpEventLoop loop;
  private FakeQemu fake;
  private QmpConnection connection;

  @BeforeEach
  void start() throws IOException {
    loop = new QmpEventLoop(Activities.UNOBSERVED);
    Path socket = directory.resolve("qmp.sock");
    fake = FakeQemu.listening(socket, CapturedSchemas.QEMU_10_0.schema());
    fake.always("query-named-block-nodes").thenReturn("[]");
    fake.always("query-status").thenReturn("{\"running\": true, \"status\": \"running\"}");
    connection = QmpConnection.connect(loop, socket, Duration.ofSeconds(10));
  }

  @AfterEach
  void stop() {
    connection.close();
    fake.verify();
    fake.close();
    loop.close();
  }

  private static String job(String type, String status) {
    return """
    [{"id": "j", "type": "%s", "status": "%s", "current-progress": 1, "total-progress": 1}]\
    """
        .formatted(type, status);
  }

  private void startStream(OnError onError) {
    connection.execute(
        new BlockJobCommand.BlockStream(
            JobOptions.manual("j"),
            "d0",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(onError)));
  }

  private void status(String status) {
    fake.emit("JOB_STATUS_CHANGE", "{\"id\": \"j\", \"status\": \"%s\"}".formatted(status));
    connection.execute(new QueryCommand.QueryStatus());
  }

  private void queryJobs(String answer) {
    fake.expect("query-jobs").thenReturn(answer);
    connection.execute(new QueryCommand.QueryJobs());
  }

  private void assertRefused() {
    assertThatThrownBy(() -> connection.execute(NODES))
        .isInstanceOf(QmpRefusedException.class)
        .hasMessageContaining("stream job");
    assertThat(fake.receivedNames()).doesNotContain("query-named-block-nodes");
  }

  @Test
  void refusedUntilTheJobsOfThisQemuAreKnown() {
    assertRefused();
    queryJobs(NO_JOBS);
    connection.execute(NODES);
  }

  @Test
  void refusedWhileAnAdoptedStreamIsConcludedAndAllowedAfterItsDismissal() {
    queryJobs(job("stream", "concluded"));
    assertRefused();
    fake.expect("job-dismiss").thenReturn("{}");
    connection.execute(new BlockJobCommand.JobDismiss("j"));
    connection.execute(NODES);
  }

  @Test
  void refusedFromFinalizeOnEvenBeforeTheEventComes() {
    queryJobs(NO_JOBS);
    fake.expect("block-stream").thenReturn("{}");
    startStream(OnError.STOP);
    status("pending");
    fake.expect("job-finalize").thenReturn("{}");
    connection.execute(new BlockJobCommand.JobFinalize("j"));
    assertRefused();
    status("concluded");
    assertRefused();
    status("null");
    connection.execute(NODES);
  }

  @Test
  void allowedWhileAStreamRunsThatCannotConcludeByItself() {
    queryJobs(NO_JOBS);
    fake.expect("block-stream").thenReturn("{}");
    startStream(OnError.STOP);
    status("running");
    connection.execute(NODES);
  }

  @Test
  void refusedFromTheStartOfAStreamThatMayFailByItself() {
    queryJobs(NO_JOBS);
    fake.expect("block-stream").thenReturn("{}");
    startStream(OnError.REPORT);
    assertRefused();
  }

  @Test
  void aStreamThatQemuRefusedToStartDoesNotCount() {
    queryJobs(NO_JOBS);
    fake.expect("block-stream").thenFail("GenericError", "Node 'd0' is busy");
    assertThatThrownBy(() -> startStream(OnError.REPORT)).isInstanceOf(QmpCommandException.class);
    connection.execute(NODES);
  }

  @Test
  void jobsWithoutEndEndTheConnection() {
    StreamJobGuard guard = new StreamJobGuard();
    for (int job = 0; job < 1024; job++) {
      guard.observe(running(job));
    }
    guard.observe(running(0));
    assertThatThrownBy(() -> guard.observe(running(1024)))
        .isInstanceOf(QmpProtocolException.class)
        .hasMessageContaining("more than 1024 jobs");
  }

  private static QmpEvent running(int job) {
    return new QmpEvent(
        "JOB_STATUS_CHANGE",
        JsonNodeFactory.instance.objectNode().put("id", "job-" + job).put("status", "running"),
        Optional.empty());
  }

  @Test
  void aConcludedCommitIsHarmless() {
    queryJobs(job("commit", "concluded"));
    connection.execute(NODES);
  }

  @Test
  void aConcludedJobOfUnknownKindCountsAsStreamUntilItsKindIsKnown() {
    queryJobs(NO_JOBS);
    status("concluded");
    assertRefused();
    queryJobs(job("mirror", "concluded"));
    connection.execute(NODES);
  }
}
