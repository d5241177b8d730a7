package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.client.FakeBlocks;
import dev.drover.client.FakeDaemon;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class BlockCommandsTest {
  private static final String JOB = FakeBlocks.JOB;

  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);

  @BeforeEach
  void domain() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 1);
  }

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  private CompletableFuture<CommandLineRun.Result> watched(String... arguments) {
    CompletableFuture<CommandLineRun.Result> run = drover.begin(arguments);
    await().until(() -> daemon.jobs.watchers(JOB) == 1 && drover.interrupts.awaited());
    return run;
  }

  @Test
  void withoutWaitingACommitIsOnlyStarted() { // A1
    assertThat(drover.run("blockcommit", "web", "vda", "--base", "b", "--top", "t", "--delete"))
        .isEqualTo(new CommandLineRun.Result(0, "Block Commit started\n\n", ""));
    assertThat(drover.run("blockcommit", "web", "vda", "7", "--active", "--shallow").out())
        .isEqualTo("Active Block Commit started\n\n");

    assertThat(daemon.blocks.commits.get(0).getBase()).isEqualTo("b");
    assertThat(daemon.blocks.commits.get(0).getTop()).isEqualTo("t");
    assertThat(daemon.blocks.commits.get(0).getDelete()).isTrue();
    assertThat(daemon.blocks.commits.get(0).hasBandwidth()).isFalse();
    assertThat(daemon.blocks.commits.get(1).getBandwidth().getMebibytesPerSecond()).isEqualTo(7);
    assertThat(daemon.blocks.commits.get(1).getShallow()).isTrue();
    assertThat(daemon.blocks.commits.get(1).getAutoComplete())
        .isEqualTo(JobCompletion.JOB_COMPLETION_UNSPECIFIED);
  }

  @Test
  void pivotIsLeftToTheDaemonAndWaitedFor() { // D5, D7
    CompletableFuture<CommandLineRun.Result> run = watched("blockcommit", "web", "vda", "--pivot");
    daemon.jobs.progress(JOB, 50, 100);
    daemon.jobs.move(JOB, JobState.JOB_STATE_READY);
    daemon.jobs.move(JOB, JobState.JOB_STATE_PIVOTING);
    daemon.jobs.move(JOB, JobState.JOB_STATE_SUCCEEDED);

    CommandLineRun.Result result = run.join();

    assertThat(result.code()).isZero();
    assertThat(result.out()).isEqualTo("Successfully pivoted\n\n");
    assertThat(result.err().lines())
        .contains("Active Block Commit: [50.00 %] 50 B of 100 B, 1.0 MiB/s, ETA 0:08, running");
    assertThat(daemon.blocks.commits.getFirst().getActive()).isTrue();
    assertThat(daemon.blocks.commits.getFirst().getAutoComplete())
        .isEqualTo(JobCompletion.JOB_COMPLETION_PIVOT);
  }

  @Test
  void anActiveCommitIsWaitedForUntilItIsReady() { // D3
    CompletableFuture<CommandLineRun.Result> run =
        watched("blockcommit", "web", "vda", "--active", "--wait", "-q", "-o", "json");
    daemon.jobs.move(JOB, JobState.JOB_STATE_READY);

    CommandLineRun.Result result = run.join();

    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("\"state\": \"JOB_STATE_READY\"");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void aTerminalGetsABarThatIsDrawnOver() { // R19
    drover.terminal();
    CompletableFuture<CommandLineRun.Result> run =
        watched("blockcommit", "web", "vda", "--active", "--wait");
    daemon.jobs.progress(JOB, 50, 100);
    daemon.jobs.move(JOB, JobState.JOB_STATE_READY);

    CommandLineRun.Result result = run.join();

    assertThat(result.out()).isEqualTo("Now in synchronized phase\n\n");
    assertThat(result.err()).contains("\rActive Block Commit: [50.00 %] [####").endsWith("\n");
  }

  @Test
  void ctrlCAbortsTheJob() { // D9
    CompletableFuture<CommandLineRun.Result> run =
        watched("blockcommit", "web", "vda", "--active", "--wait");

    drover.interrupts.press();

    assertThat(run.join().code()).isOne();
    assertThat(run.join().out()).isEqualTo("Commit aborted\n");
    assertThat(daemon.calls("CancelJob")).isOne();
  }

  @Test
  void anAbortedJobIsAnErrorThatIsToldWhenQuietToo() {
    CommandLineRun.Result result =
        drover.run("blockpull", "web", "vda", "--timeout", "1", "--async", "-q");

    assertThat(result.code()).isOne();
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).isEqualTo("error: Pull aborted\n");
  }

  @Test
  void theTimeoutAbortsTheJobWithoutWaitingWhenAsync() {
    CommandLineRun.Result result =
        drover.run("blockpull", "web", "vda", "--timeout", "1", "--async");

    assertThat(result.code()).isOne();
    assertThat(result.out()).isEqualTo("Pull aborted\n");
    assertThat(daemon.calls("CancelJob")).isOne();
  }

  @Test
  void aFailedJobIsAFailedCommand() {
    CompletableFuture<CommandLineRun.Result> run = watched("blockpull", "web", "vda", "--wait");
    daemon.jobs.change(
        JOB,
        job ->
            job.setState(JobState.JOB_STATE_FAILED)
                .setError(
                    FakeDaemon.status(
                        ErrorReason.ERROR_REASON_JOB_IO_ERROR,
                        Status.Code.ABORTED,
                        "Disk 'vda' of domain 'web': I/O error; check the disk of the host",
                        Map.of())));

    CommandLineRun.Result result = run.join();

    assertThat(result.code()).isOne();
    assertThat(result.out()).isEqualTo("Pull failed\n");
    assertThat(result.err())
        .endsWith("error: Disk 'vda' of domain 'web': I/O error; check the disk of the host\n");
  }

  @Test
  void aDaemonThatRestartsMeanwhileIsFoundAgain() throws InterruptedException { // R7
    CompletableFuture<CommandLineRun.Result> run = watched("blockpull", "web", "vda", "--wait");

    daemon.stop();
    daemon.jobs.move(JOB, JobState.JOB_STATE_SUCCEEDED);
    daemon.start();

    assertThat(run.join().out()).isEqualTo("Pull complete\n\n");
    assertThat(run.join().err()).contains("Connection lost, looking for the daemon");
  }

  @Test
  void aCopyHasTheFormatOfTheActiveImageUnlessToldOtherwise() { // E3, E4
    drover.run("blockcopy", "web", "vda", "/copies/a.qcow2", "--shallow", "--reuse-external");
    drover.run("blockcopy", "web", "vda", "/copies/a.raw", "--raw", "--transient-job");

    assertThat(daemon.blocks.copies)
        .extracting(request -> request.getDestination().getFormat())
        .containsExactly(ImageFormat.IMAGE_FORMAT_QCOW2, ImageFormat.IMAGE_FORMAT_RAW);
    assertThat(daemon.blocks.copies.get(0).getShallow()).isTrue();
    assertThat(daemon.blocks.copies.get(0).getReuseExternal()).isTrue();
    assertThat(daemon.blocks.copies.get(1).getTransientJob()).isTrue();
  }

  @Test
  void theDestinationOfACopyMayBeXml() { // virsh's --xml and --print-xml
    drover.input(
        """
        <disk type='block'>
          <driver name='qemu' type='raw'/>
          <source dev='/dev/vg/copy'/>
        </disk>
        """);
    drover.run("blockcopy", "web", "vda", "--xml", "-");
    drover.input("<disk><source file='/copies/a'/></disk>");
    drover.run("blockcopy", "web", "vda", "--xml", "-", "--shallow");

    assertThat(daemon.blocks.copies)
        .extracting(BlockCopyRequest::getDestination)
        .containsExactly(
            Image.newBuilder()
                .setPath("/dev/vg/copy")
                .setFormat(ImageFormat.IMAGE_FORMAT_RAW)
                .build(),
            Image.newBuilder()
                .setPath("/copies/a")
                .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
                .build());
    assertThat(drover.run("blockcopy", "web", "vda", "/copies/b", "--print-xml").out())
        .isEqualTo(
            """
            <disk type='file'>
              <source file='/copies/b'/>
              <driver type='qcow2'/>
            </disk>

            """);
    assertThat(daemon.blocks.copies).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "<domain/> | line 1: expected <disk>, got <domain>",
        "<disk type='network'/> | line 1: <disk type='network'> is not supported",
        "<disk/> | line 1: <disk> needs <source file='...'>",
        "<disk><source file='/a'/><target dev='vda'/></disk> | <target> in <disk> is not supported",
        "<disk><source file='/a'/><driver type='vmdk'/></disk> | Image format 'vmdk' is not known",
      })
  void aDestinationThatCannotBeUnderstoodIsRefused(String xml, String message) {
    drover.input(xml);

    assertThat(drover.run("blockcopy", "web", "vda", "--xml", "-").err()).contains(message);
    assertThat(drover.run("blockcopy", "web", "vda", "/a", "--xml", "-").err())
        .contains("One of DEST and --xml is needed, and only one");
    assertThat(daemon.blocks.copies).isEmpty();
  }

  @Test
  void aCopyIsFinished() {
    CompletableFuture<CommandLineRun.Result> run =
        watched("blockcopy", "web", "vda", "/copies/a.qcow2", "--finish");
    daemon.jobs.move(JOB, JobState.JOB_STATE_READY);
    daemon.jobs.move(JOB, JobState.JOB_STATE_SUCCEEDED);

    assertThat(run.join().out()).isEqualTo("Successfully copied\n\n");
    assertThat(daemon.blocks.copies.getFirst().getAutoComplete())
        .isEqualTo(JobCompletion.JOB_COMPLETION_KEEP);
  }

  @Test
  void blockjobWithoutJobSaysSo() {
    assertThat(drover.run("blockjob", "web", "vda").out())
        .isEqualTo("No current block job for vda\n\n");
    assertThat(drover.run("blockjob", "web", "vda", "--raw").out()).isEqualTo("\n");
    assertThat(drover.run("blockjob", "web", "vda", "--abort").err())
        .contains("error: Disk 'vda' does not have an active block job");
  }

  @Test
  void blockjobShowsSlowsAndEndsTheJob() {
    drover.run("blockcommit", "web", "vda", "--active");
    daemon.jobs.change(JOB, job -> job.setSpeedBytesPerSecond(3L << 19));
    daemon.jobs.progress(JOB, 42, 100);
    daemon.blocks.hold(JOB);

    CommandLineRun.Result info = drover.run("blockjob", "web", "vda", "--info");
    assertThat(info.err()).startsWith("Active Block Commit: [42.00 %]");
    assertThat(info.out()).isEqualTo("    Bandwidth limit: 1572864 bytes/s (1.500 MiB/s)\n\n");
    assertThat(drover.run("blockjob", "web", "vda", "--raw").out())
        .isEqualTo(" type=Active Block Commit\n bandwidth=2\n cur=42\n end=100\n\n");

    drover.run("blockjob", "web", "vda", "8MiB", "--bytes");
    assertThat(daemon.jobs.speeds.getLast().getBandwidth().getBytesPerSecond()).isEqualTo(8 << 20);

    assertThat(drover.run("blockjob", "web", "vda", "--pivot").err())
        .endsWith("error: Job 'job-1' is not ready for pivot yet\n"); // D10
    daemon.jobs.move(JOB, JobState.JOB_STATE_READY);
    assertThat(drover.run("blockjob", "web", "vda", "--pivot").code()).isZero();
    assertThat(daemon.jobs.completions.getLast().getCompletion())
        .isEqualTo(JobCompletion.JOB_COMPLETION_PIVOT);
  }

  @Test
  void jobsAreListedShownAndFollowed() { // R1
    drover.run("blockcommit", "web", "vda", "--active");
    daemon.jobs.progress(JOB, 42, 100);

    assertThat(drover.run("job", "list").out())
        .isEqualTo(
            """
             Id      Kind                  Domain   Disk   State     Progress   Created
            -----------------------------------------------------------------------------
             job-1   Active Block Commit   web      vda    running   42.00 %    -

            """);
    assertThat(drover.run("job", "show", JOB).out())
        .contains("Progress:       42.00 %, 42 B of 100 B", "State:          running");
    assertThat(drover.run("job", "show", "none").err())
        .isEqualTo("error: Failed to get job 'none'\nerror: Job 'none' does not exist\n");

    CompletableFuture<CommandLineRun.Result> run = watched("job", "wait", JOB);
    daemon.jobs.move(JOB, JobState.JOB_STATE_READY);
    assertThat(run.join().out()).isEqualTo("Job 'job-1' ready\n\n");

    assertThat(drover.run("job", "complete", JOB, "--keep").out())
        .isEqualTo("Job 'job-1' succeeded\n\n");
    assertThat(drover.run("job", "list").out().lines()).hasSize(3);
    assertThat(drover.run("job", "list", "--all").out()).contains("succeeded");
  }

  @Test
  void severalJobsEndAtOneMomentAndThePauseIsTold() { // D15
    for (String id : List.of("job-a", "job-b")) {
      daemon.jobs.put(Job.newBuilder().setId(id).setState(JobState.JOB_STATE_READY).build());
    }

    assertThat(drover.run("job", "complete", "job-a", "job-b", "--pivot").out())
        .isEqualTo("2 jobs succeeded; the guest was held for 9.8 ms\n\n");
    assertThat(drover.run("job", "complete", "job-a", "none", "--keep").err())
        .startsWith("error: Failed to complete the jobs\n");
  }

  @Test
  void aPivotWithTheGuestHeldAsksForThat() { // D15
    drover.run("blockcommit", "web", "vda", "--active");
    daemon.blocks.hold(JOB);
    daemon.jobs.move(JOB, JobState.JOB_STATE_READY);

    assertThat(drover.run("blockjob", "web", "vda", "--pivot", "--hold-guest").code()).isZero();
    assertThat(daemon.jobs.completions.getLast().getHoldGuest()).isTrue();
  }

  @Test
  void followingAJobNeverChangesIt() { // R2
    drover.run("blockcommit", "web", "vda", "--active");

    CommandLineRun.Result late = drover.run("job", "wait", JOB, "--timeout", "1");
    CompletableFuture<CommandLineRun.Result> interrupted = watched("job", "wait", JOB);
    drover.interrupts.press();

    assertThat(late.err()).contains("Job 'job-1' has not ended in time; it goes on and is running");
    assertThat(interrupted.join().err()).contains("Stopped following job 'job-1'; it goes on");
    assertThat(daemon.calls("CancelJob")).isZero();
  }

  @Test
  void aJobIsCancelledById() {
    drover.run("blockpull", "web", "vda");

    assertThat(drover.run("job", "cancel", JOB).out()).isEqualTo("Job 'job-1' cancelled\n\n");
  }
}
