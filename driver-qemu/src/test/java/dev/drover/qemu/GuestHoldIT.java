package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.event.DriverEvent;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.DomainState;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** D15: a guest that is held for the end of a job, as its user sees it. */
@Tag("qemu")
class GuestHoldIT {

  private final QemuWorld world = new QemuWorld();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  @Test
  void aHeldGuestIsShownRunningThroughout() {
    world.openDriver();
    Path base = world.qcow2("base.qcow2");
    world.define(QemuWorld.spec("held", world.overlay("active.qcow2", base.toString(), "qcow2")));
    world.start("held");

    Job ended = pivotHeld("held");

    assertThat(ended.getResult().hasGuestPause()).isTrue();
    world.suspend("held");
    world.resume("held");
    Awaitility.await().until(() -> count(EventKind.EVENT_KIND_DOMAIN_RESUMED) == 1);
    assertThat(count(EventKind.EVENT_KIND_DOMAIN_SUSPENDED)).isEqualTo(1);
    assertThat(world.get("held").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }

  private Job pivotHeld(String name) {
    Job job =
        world
            .driver()
            .blockJobs()
            .orElseThrow()
            .commit(
                world.call(),
                BlockCommitRequest.newBuilder()
                    .setDomain(QemuWorld.ref(name))
                    .setDisk("vda")
                    .setActive(true)
                    .build());
    Awaitility.await()
        .until(
            () ->
                world.driver().jobs().orElseThrow().get(job.getId()).orElseThrow().getState()
                    == JobState.JOB_STATE_READY);
    return world
        .driver()
        .jobs()
        .orElseThrow()
        .complete(
            world.call(),
            CompleteJobRequest.newBuilder()
                .setJobId(job.getId())
                .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                .setHoldGuest(true)
                .build());
  }

  private long count(EventKind kind) {
    return world.events().stream().map(DriverEvent::kind).filter(kind::equals).count();
  }
}
