package dev.drover.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.drover.client.DomainHandle;
import dev.drover.client.Drover;
import dev.drover.client.DroverException;
import dev.drover.client.EventWatch;
import dev.drover.client.JobHandle;
import dev.drover.test.fault.FaultStep;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.WatchRequest;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What docs/testing.md prints; an application's test looks like this one. */
// tag::first[]
@DroverTest
class MyBackupTest {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final long MIB = 1 << 20;

  private DomainHandle web;

  @BeforeEach
  void aServerWithADisk(TestWorld world) {
    Image base = world.image("/images/base.qcow2").size(16 * MIB).filled(0, MIB, 7).create();
    web = world.start("web", world.image("/images/web.qcow2").over(base).create());
  }

  @Test
  void whatWasWrittenAfterTheSnapshotIsMergedBack(TestWorld world) {
    var _ = web.snapshot(CreateSnapshotRequest.newBuilder().setName("backup"));
    world.write("web", "vda", 2 * MIB, MIB, 42);
    String seenByTheGuest = world.checksum(top().getPath());

    try (JobHandle job =
        web.disk("vda")
            .commit()
            .active()
            .thenComplete(JobCompletion.JOB_COMPLETION_PIVOT)
            .start()) {
      assertThat(job.await(SOON).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    }
    assertThat(world.checksum(top().getPath())).isEqualTo(seenByTheGuest);
  }

  // end::first[]
  // tag::clock[]
  @Test
  void aSlowHostIsSlowInNoTime(TestWorld world) {
    world.stopClock();
    world.at(FaultStep.JOB_RUNNING).take(Duration.ofHours(5));
    try (JobHandle job = web.disk("vda").pull().start()) {
      world.advance(Duration.ofHours(4));
      assertThat(job.refresh().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);

      world.advance(Duration.ofHours(2));
      assertThat(job.refresh().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    }
  }

  // end::clock[]
  // tag::faults[]
  @Nested
  class WhenTheHostFails {

    @Test
    void aFullDiskFailsTheSnapshotAndChangesNothing(TestWorld world) {
      Image before = top();
      world.at(FaultStep.SNAPSHOT_DISK, 1).fillDisk();

      assertThatExceptionOfType(DroverException.class)
          .isThrownBy(() -> web.snapshot(CreateSnapshotRequest.newBuilder().setName("backup")))
          .extracting(DroverException::reason)
          .isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE);
      assertThat(top()).isEqualTo(before);
    }

    @Test
    void aCrashInterruptsTheCopy(TestWorld world) throws Exception {
      world.at(FaultStep.JOB_READY).crashHypervisor();
      Image destination =
          Image.newBuilder()
              .setPath("/images/copy.qcow2")
              .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
              .build();

      try (JobHandle job = web.disk("vda").copy(destination).start()) {
        Job ended = job.ended().get(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
      }
    }

    @Test
    void anEventIsLost(Drover drover, TestWorld world) throws TimeoutException {
      world.at(FaultStep.DOMAIN_STOP).dropEvent();
      try (EventWatch watch = drover.watch(WatchRequest.newBuilder().setLiveOnly(true).build())) {
        var _ = watch.next(SOON);
        var _ = web.destroy();
        web.undefine(false);

        EventKind first = EventKind.EVENT_KIND_UNSPECIFIED;
        while (first == EventKind.EVENT_KIND_UNSPECIFIED) {
          first = watch.next(SOON).orElseThrow().getEvent().getKind();
        }
        assertThat(first)
            .as("what follows the end that nobody was told of")
            .isEqualTo(EventKind.EVENT_KIND_DOMAIN_UNDEFINED);
      }
    }
  }

  // end::faults[]
  // tag::first[]
  private Image top() {
    return web.disks().getFirst().getSource();
  }
}
// end::first[]
