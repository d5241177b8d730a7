package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.IoStatus;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.JobType;
import dev.drover.v1.BlockCommitRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C7, E16: no write of the guest is missed while QEMU counts what there is to copy. */
class CountingHoldTest {

  private static final Duration LONG = Duration.ofSeconds(1);

  @TempDir Path directory;
  private final CountingHold counting = new CountingHold("1");
  private FakeHost host;

  @BeforeEach
  void makeHost() {
    host = new FlowBench(directory, BlockCommitRequest.newBuilder().setActive(true).build()).host();
  }

  @Test
  void guestIsHeldUntilTheJobHasCounted() {
    counting.take(host);
    counting.look(host, job(JobStatus.CREATED, 0));
    counting.look(host, job(JobStatus.RUNNING, 0));
    counting.look(host, job(JobStatus.PAUSED, 0));

    assertThat(host.commands()).containsExactly("stop");
    assertThat(counting.sleep(LONG)).isLessThan(LONG);

    counting.look(host, job(JobStatus.RUNNING, 65536));

    assertThat(host.commands()).containsExactly("stop", "cont");
    assertThat(counting.sleep(LONG)).isEqualTo(LONG);
    counting.await(Duration.ZERO);
  }

  @ParameterizedTest
  @EnumSource(
      value = JobStatus.class,
      names = {"READY", "STANDBY", "WAITING", "PENDING", "ABORTING", "CONCLUDED"})
  void guestGoesOnWhereThereIsNothingToCopyOrTheJobHasEnded(JobStatus status) {
    counting.take(host);
    counting.look(host, job(status, 0));

    assertThat(host.commands()).containsExactly("stop", "cont");
  }

  @Test
  void guestGoesOnWhereQemuDoesNotKnowTheJob() {
    counting.take(host);
    counting.look(host, Optional.empty());

    assertThat(host.commands()).containsExactly("stop", "cont");
  }

  @Test
  void nextDaemonTakesTheHoldUp() {
    host.leaveHold();
    counting.look(host, job(JobStatus.RUNNING, 0));
    assertThat(host.commands()).containsExactly("stop");

    counting.look(host, job(JobStatus.RUNNING, 65536));
    assertThat(host.commands()).containsExactly("stop", "cont");
  }

  @Test
  void nextDaemonLeavesAGuestAloneThatWasNotHeld() {
    counting.look(host, job(JobStatus.RUNNING, 0));
    counting.look(host, job(JobStatus.RUNNING, 65536));

    assertThat(host.commands()).isEmpty();
  }

  @Test
  void guestGoesOnWhenNobodyFollowsTheJob() {
    counting.take(host);
    counting.close();
    counting.close();

    assertThat(host.commands()).containsExactly("stop", "cont");
  }

  @Test
  void nothingIsToldToAHypervisorThatHasEnded() {
    counting.take(host);
    counting.hostEnded();
    counting.close();

    assertThat(host.commands()).containsExactly("stop");
  }

  private static Optional<BlockJobInfo> job(JobStatus status, long length) {
    return Optional.of(
        new BlockJobInfo(
            "job-1",
            JobType.COMMIT,
            length,
            0,
            true,
            status == JobStatus.PAUSED,
            0,
            IoStatus.OK,
            status == JobStatus.READY,
            status,
            false,
            false,
            Optional.empty()));
  }
}
