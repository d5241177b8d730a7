package dev.drover.test;

import static dev.drover.test.DriverFixture.GUEST;
import static dev.drover.test.DriverFixture.NAME;
import static dev.drover.test.DriverFixture.call;
import static dev.drover.test.DriverFixture.disk;
import static dev.drover.test.DriverFixture.refused;
import static dev.drover.test.DriverFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Section 1C: what each way of asking for a commit leaves, on running and shut-off domains. */
class CommitTest {

  private final DriverFixture world = new DriverFixture();

  @AfterEach
  void close() {
    world.close();
  }

  /** Row, base, top, shallow, chain afterwards from the top down, invalidated images. */
  static Stream<Arguments> equivalences() {
    return Stream.of(
        Arguments.of("C1", "", "", false, "base", "active snap2 snap1"),
        Arguments.of("C1", "", "/i/active", false, "base", "active snap2 snap1"),
        Arguments.of("C1", "/i/base", "", false, "base", "active snap2 snap1"),
        Arguments.of("C1", "/i/base", "/i/active", false, "base", "active snap2 snap1"),
        Arguments.of("C2", "/i/snap2", "", false, "snap2 snap1 base", "active"),
        Arguments.of("C2", "", "", true, "snap2 snap1 base", "active"),
        Arguments.of("C4", "", "/i/snap2", true, "active snap1 base", "snap2"),
        Arguments.of("C5", "", "/i/snap2", false, "active base", "snap2 snap1"),
        Arguments.of("C5", "/i/base", "/i/snap2", false, "active base", "snap2 snap1"),
        Arguments.of("C6", "", "/i/snap1", false, "active snap2 base", "snap1"),
        Arguments.of("C6", "/i/base", "/i/snap1", false, "active snap2 base", "snap1"),
        Arguments.of("C6", "", "/i/snap1", true, "active snap2 base", "snap1"),
        Arguments.of("C7", "/i/snap1", "", false, "snap1 base", "active snap2"),
        Arguments.of("C7", "vda[2]", "vda[0]", false, "snap1 base", "active snap2"));
  }

  @ParameterizedTest(name = "{0}: base={1} top={2} shallow={3}")
  @MethodSource("equivalences")
  void runningDomainKeepsItsBytesOnTheShorterChain(
      String row, String base, String top, boolean shallow, String after, String invalid) {
    world.running();
    String seen = world.guestSha();
    boolean active = top.isEmpty() || top.equals("/i/active") || top.equals("vda[0]");

    Job job = commit(request(base, top, shallow).setActive(active).build());
    world.advanceSeconds(1);
    if (active) {
      assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_READY);
      assertThat(world.paths("vda")).hasSize(4);
      job = world.complete(job, JobCompletion.JOB_COMPLETION_PIVOT);
    }

    Job ended = world.job(job.getId());
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(ended.getKind())
        .isEqualTo(active ? JobKind.JOB_KIND_ACTIVE_COMMIT : JobKind.JOB_KIND_COMMIT);
    assertThat(ended.getResult().getPivoted()).isEqualTo(active);
    assertThat(ended.getResult().getInvalidatedPathsList()).isEqualTo(images(invalid));
    assertThat(world.paths("vda")).isEqualTo(images(after));
    assertThat(world.guestSha()).isEqualTo(seen);
    assertStoredAndLiveName(images(after).getFirst());
  }

  @ParameterizedTest(name = "{0}: base={1} top={2} shallow={3}")
  @MethodSource("equivalences")
  void shutOffDomainIsCommittedByAJobOfOnePhase(
      String row, String base, String top, boolean shallow, String after, String invalid) {
    world.chain("/i");
    world.define(NAME, disk("vda", "/i/active"));
    String seen = world.guestSha();

    Job job = commit(request(base, top, shallow).build());
    assertThat(job.getKind()).as("C16").isEqualTo(JobKind.JOB_KIND_COMMIT);
    refused(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> world.start(NAME));
    world.advanceSeconds(1);

    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.job(job.getId()).getResult().getInvalidatedPathsList())
        .isEqualTo(images(invalid));
    assertThat(world.paths("vda")).isEqualTo(images(after));
    assertThat(world.guestSha()).isEqualTo(seen);
    assertThat(world.domain().getSpec().getDisks(0).getSource().getPath())
        .as("C17")
        .isEqualTo(images(after).getFirst());
    world.start(NAME);
  }

  @Test
  void deleteRemovesWhatTheCommitMadeInvalidAndNothingElse() {
    // C3, C13
    world.running();
    Job job = commit(request("/i/snap2", "", false).setActive(true).setDelete(true).build());
    world.advanceSeconds(1);
    assertThat(world.exists("/i/active")).isTrue();
    Job ended = world.complete(job, JobCompletion.JOB_COMPLETION_PIVOT);

    assertThat(ended.getResult().getDeletedPathsList()).containsExactly("/i/active");
    assertThat(ended.getResult().getInvalidatedPathsList()).isEmpty();
    assertThat(world.exists("/i/active")).isFalse();
    assertThat(world.exists("/i/snap2")).isTrue();
  }

  @Test
  void deleteSparesAnImageInTheChainOfAnotherDomain() {
    // R3
    world.running();
    world.image("/i/other", "qcow2", "/i/snap2");
    world.define("other", disk("vda", "/i/other"));

    Job job = commit(request("", "/i/snap2", false).setDelete(true).build());
    world.advanceSeconds(1);

    Job ended = world.job(job.getId());
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(ended.getResult().getDeletedPathsList()).isEmpty();
    assertThat(ended.getResult().getInvalidatedPathsList()).containsExactly("/i/snap2", "/i/snap1");
    assertThat(ended.getResult().getWarningsList())
        .hasSize(2)
        .allSatisfy(warning -> assertThat(warning).contains("'other'"));
    assertThat(world.exists("/i/snap2")).isTrue();
  }

  @Test
  void activeCommitNeedsActiveAndNothingBegins() {
    // C8, D1
    world.running();
    refused(
        ErrorReason.ERROR_REASON_ACTIVE_COMMIT_REQUIRED,
        () -> commit(request("", "", false).build()));
    assertThat(world.driver.jobs().orElseThrow().list()).isEmpty();
  }

  @Test
  void guestWritesUntilThePivotReachTheBase() {
    world.running();
    Job job = commit(request("", "", false).setActive(true).build());
    world.guestWrites(write(20, 2, 9), write(0, 1, 8));
    world.advanceSeconds(1);
    world.guestWrites(write(1, 1, 7), write(40, 1, 6));
    String seen = world.guestSha();

    world.complete(job, JobCompletion.JOB_COMPLETION_PIVOT);

    assertThat(world.paths("vda")).containsExactly("/i/base");
    assertThat(world.sha("/i/base")).isEqualTo(seen);
  }

  @Test
  void keptActiveCommitLeavesTheBaseAsACopyOfThatMoment() {
    // D3, D9
    world.running();
    Job job = commit(request("", "", false).setActive(true).build());
    world.advanceSeconds(1);
    world.guestWrites(write(20, 2, 9));
    String moment = world.guestSha();

    Job ended = world.complete(job, JobCompletion.JOB_COMPLETION_KEEP);
    world.guestWrites(write(21, 1, 5));

    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(ended.getResult().getPivoted()).isFalse();
    assertThat(ended.getResult().getInvalidatedPathsList()).containsExactly("/i/snap2", "/i/snap1");
    assertThat(world.paths("vda")).hasSize(4);
    assertThat(world.sha("/i/base")).isEqualTo(moment).isNotEqualTo(world.guestSha());
  }

  @Test
  void autoCompletePivotsWithoutBeingAsked() {
    // D7
    world.running();
    Job job =
        commit(
            request("", "", false)
                .setActive(true)
                .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)
                .build());
    world.advanceSeconds(1);
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.paths("vda")).containsExactly("/i/base");
  }

  @Test
  void baseGrowsToTheSizeOfWhatIsCommitted() {
    // C19
    world
        .driver
        .testControl()
        .orElseThrow()
        .createImage(
            call(),
            dev.drover.testing.v1.CreateImageRequest.newBuilder()
                .setPath("/i/small")
                .setFormat("qcow2")
                .setVirtualSizeBytes(DriverFixture.SIZE / 2)
                .addContents(write(0, 2, 1))
                .build());
    world.image("/i/large", "qcow2", "/i/small", write(60, 1, 2));
    world.define(NAME, disk("vda", "/i/large"));
    world.start(NAME);
    String seen = world.guestSha();

    Job job = commit(request("", "", false).setActive(true).build());
    world.advanceSeconds(1);
    world.complete(job, JobCompletion.JOB_COMPLETION_PIVOT);

    assertThat(world.paths("vda")).containsExactly("/i/small");
    assertThat(world.guestSha()).isEqualTo(seen);
  }

  @Test
  void commitIntoABaseThatAnotherRunningDomainReadsIsRefused() {
    world.running();
    world.image("/i/other", "qcow2", "/i/base");
    world.define("other", disk("vda", "/i/other"));
    world.start("other");
    refused(
        ErrorReason.ERROR_REASON_IMAGE_IN_USE,
        () -> commit(request("", "/i/snap1", false).build()));
    assertThat(world.driver.jobs().orElseThrow().list()).isEmpty();
  }

  @Test
  void speedLimitsProgressExactly() {
    // C14: 16 clusters in a second at 1 MiB/s; the chain holds 7 clusters above base.
    world.running();
    Job job =
        commit(
            request("", "", false)
                .setActive(true)
                .setBandwidth(dev.drover.v1.Bandwidth.newBuilder().setBytesPerSecond(65536))
                .build());
    world.advanceSeconds(3);
    Job running = world.job(job.getId());
    assertThat(running.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(running.getProgress().getOffsetBytes()).isEqualTo(3 * 65536L);
    assertThat(running.getProgress().getTotalBytes()).isEqualTo(6 * 65536L);
    assertThat(running.getSpeedBytesPerSecond()).isEqualTo(65536);
    world.advanceSeconds(3);
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_READY);
  }

  private Job commit(BlockCommitRequest request) {
    return world.driver.blockJobs().orElseThrow().commit(call(), request);
  }

  private static BlockCommitRequest.Builder request(String base, String top, boolean shallow) {
    BlockCommitRequest.Builder result =
        BlockCommitRequest.newBuilder().setDomain(GUEST).setDisk("vda").setShallow(shallow);
    if (!base.isEmpty()) {
      result.setBase(base);
    }
    if (!top.isEmpty()) {
      result.setTop(top);
    }
    return result;
  }

  private void assertStoredAndLiveName(String active) {
    Domain domain = world.domain();
    assertThat(domain.getSpec().getDisks(0).getSource().getPath()).as("R8").isEqualTo(active);
    assertThat(domain.getStatus().getLiveSpec().getDisks(0).getSource().getPath())
        .as("R8")
        .isEqualTo(active);
  }

  private static List<String> images(String names) {
    return Arrays.stream(names.split(" ")).map(name -> "/i/" + name).toList();
  }
}
