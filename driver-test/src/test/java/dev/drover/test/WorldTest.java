package dev.drover.test;

import static dev.drover.test.DriverFixture.GUEST;
import static dev.drover.test.DriverFixture.NAME;
import static dev.drover.test.DriverFixture.call;
import static dev.drover.test.DriverFixture.disk;
import static dev.drover.test.DriverFixture.refused;
import static dev.drover.test.DriverFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.DriverProvider;
import dev.drover.spi.event.DriverEvent;
import dev.drover.testing.v1.SetClockRequest;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.SetJobSpeedRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Clock, room and determinism of the test world. */
class WorldTest {

  @Test
  void providerIsFoundByItsScheme() {
    assertThat(ServiceLoader.load(DriverProvider.class))
        .extracting(DriverProvider::scheme)
        .containsExactly("test");
  }

  @Test
  void unknownClockIsRefused() {
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> new DriverFixture(Map.of("clock", "fast"), InstantSource.system()).close());
  }

  @Test
  void speedOfDisksThatCannotBeIsRefused() {
    for (String speed : List.of("fast", "1048575", "1073741825", "99999999999999999999")) {
      refused(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          () ->
              new DriverFixture(Map.of("disk_bytes_per_second", speed), InstantSource.system())
                  .close());
    }
  }

  @Test
  void speedOfDisksDecidesHowLongAJobTakes() {
    assertThat(millisecondsOfAPull(Map.of("clock", "manual"))).isEqualTo(100);
    assertThat(
            millisecondsOfAPull(
                Map.of("clock", "manual", "disk_bytes_per_second", Long.toString(640L << 20))))
        .isEqualTo(10);
  }

  /** The virtual time after which a pull of a few clusters has ended. */
  private static int millisecondsOfAPull(Map<String, String> settings) {
    try (DriverFixture world =
        new DriverFixture(
            settings, InstantSource.fixed(java.time.Instant.parse("2026-01-01T00:00:00Z")))) {
      world.running();
      Job job =
          world
              .driver
              .blockJobs()
              .orElseThrow()
              .pull(call(), BlockPullRequest.newBuilder().setDomain(GUEST).setDisk("vda").build());
      int passed = 0;
      while (!world.job(job.getId()).hasEndTime() && passed < 1000) {
        world.advance(Duration.ofMillis(1));
        passed++;
      }
      return passed;
    }
  }

  @Test
  void jobsEndByThemselvesInRealTime() {
    try (DriverFixture world = new DriverFixture(Map.of(), InstantSource.system())) {
      world.running();
      Job job =
          world
              .driver
              .blockJobs()
              .orElseThrow()
              .pull(call(), BlockPullRequest.newBuilder().setDomain(GUEST).setDisk("vda").build());
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(world.job(job.getId()).getState())
                      .isEqualTo(JobState.JOB_STATE_SUCCEEDED));
    }
  }

  @Test
  void manualTimeStandsAndRealTimeGoesOnFromThere() {
    try (DriverFixture world = new DriverFixture(Map.of(), InstantSource.system())) {
      world.running();
      setManual(world, true);
      Job job =
          world
              .driver
              .blockJobs()
              .orElseThrow()
              .pull(call(), BlockPullRequest.newBuilder().setDomain(GUEST).setDisk("vda").build());
      assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
      setManual(world, false);
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(world.job(job.getId()).getState())
                      .isEqualTo(JobState.JOB_STATE_SUCCEEDED));
    }
  }

  @Test
  void speedOfARunningJobChangesAtOnce() {
    try (DriverFixture world = new DriverFixture()) {
      world.running();
      Job job =
          world
              .driver
              .blockJobs()
              .orElseThrow()
              .pull(
                  call(),
                  BlockPullRequest.newBuilder()
                      .setDomain(GUEST)
                      .setDisk("vda")
                      .setBandwidth(Bandwidth.newBuilder().setBytesPerSecond(1))
                      .build());
      world.advanceSeconds(1000);
      assertThat(world.job(job.getId()).getProgress().getOffsetBytes()).isZero();
      Job changed =
          world
              .driver
              .jobs()
              .orElseThrow()
              .setSpeed(call(), SetJobSpeedRequest.newBuilder().setJobId(job.getId()).build());
      assertThat(changed.getSpeedBytesPerSecond()).isZero();
      world.advanceSeconds(1);
      assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      refused(
          ErrorReason.ERROR_REASON_JOB_STATE_INVALID,
          () ->
              world
                  .driver
                  .jobs()
                  .orElseThrow()
                  .setSpeed(call(), SetJobSpeedRequest.newBuilder().setJobId(job.getId()).build()));
    }
  }

  @Test
  void allocationIsRealAndRoomRunsOut() {
    // The default domain's images take 16 and 12 MiB; 4 MiB are left.
    long used = 28L << 20;
    long capacity = 32L << 20;
    try (DriverFixture world =
        new DriverFixture(
            Map.of("clock", "manual", "capacity_bytes", Long.toString(capacity)),
            InstantSource.fixed(java.time.Instant.parse("2026-01-01T00:00:00Z")))) {
      int free = (int) ((capacity - used) / DriverFixture.CLUSTER);
      world.image("/i/base", "qcow2", "", write(0, free - 2, 1));
      world.image("/i/top", "qcow2", "/i/base");
      world.define(NAME, disk("vda", "/i/top"));
      world.start(NAME);
      world.guestWrites(write(0, 2, 2));
      refused(ErrorReason.ERROR_REASON_NO_SPACE, () -> world.guestWrites(write(2, 1, 2)));
      assertThat(chain(world).getFirst().getAllocatedBytes()).isEqualTo(3 * DriverFixture.CLUSTER);

      Job job =
          world
              .driver
              .blockJobs()
              .orElseThrow()
              .pull(call(), BlockPullRequest.newBuilder().setDomain(GUEST).setDisk("vda").build());
      world.advanceSeconds(10);
      assertThat(world.job(job.getId()).getBlocked()).isTrue();
      assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    }
  }

  @Test
  void sameOperationsEndInTheSameStatesAndChecksums() {
    assertThat(story()).isEqualTo(story());
  }

  private static List<String> story() {
    List<String> told = new ArrayList<>();
    try (DriverFixture world = new DriverFixture()) {
      world.running();
      Job job =
          world
              .driver
              .blockJobs()
              .orElseThrow()
              .commit(
                  call(),
                  BlockCommitRequest.newBuilder()
                      .setDomain(GUEST)
                      .setDisk("vda")
                      .setActive(true)
                      .setJobId("one")
                      .setBandwidth(Bandwidth.newBuilder().setBytesPerSecond(100_000))
                      .build());
      for (int second = 0; second < 8; second++) {
        world.guestWrites(write(second * 5L, 2, second));
        world.advanceSeconds(1);
        told.add(world.job("one").getState() + " " + world.job("one").getProgress());
        told.add(world.guestSha() + " " + world.sha("/i/base"));
      }
      world.advanceSeconds(100);
      world.complete(job, JobCompletion.JOB_COMPLETION_PIVOT);
      told.add(world.job("one").toString());
      told.add(chain(world).toString());
      told.addAll(world.eventKinds(DriverEvent.class));
    }
    return told;
  }

  private static List<ChainImage> chain(DriverFixture world) {
    return world
        .driver
        .blockJobs()
        .orElseThrow()
        .chain(call(), GetBackingChainRequest.newBuilder().setDomain(GUEST).setDisk("vda").build())
        .getImagesList();
  }

  private static void setManual(DriverFixture world, boolean manual) {
    world
        .driver
        .testControl()
        .orElseThrow()
        .setClock(call(), SetClockRequest.newBuilder().setManual(manual).build());
  }
}
