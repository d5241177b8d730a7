package dev.drover.spi.block;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobRequest;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommitPlanTest {

  @ParameterizedTest(name = "{0}: base={1} top={2} shallow={3}")
  @CsvSource({
    "C1, '', '', false, base, active snap2 snap1",
    "C1, '', /i/active, false, base, active snap2 snap1",
    "C1, /i/base, '', false, base, active snap2 snap1",
    "C1, /i/base, /i/active, false, base, active snap2 snap1",
    "C2, /i/snap2, '', false, snap2 snap1 base, active",
    "C2, '', '', true, snap2 snap1 base, active",
    "C4, '', /i/snap2, true, active snap1 base, snap2",
    "C5, '', /i/snap2, false, active base, snap2 snap1",
    "C5, /i/base, /i/snap2, false, active base, snap2 snap1",
    "C6, '', /i/snap1, false, active snap2 base, snap1",
    "C6, /i/base, /i/snap1, false, active snap2 base, snap1",
    "C6, '', /i/snap1, true, active snap2 base, snap1",
    "C7, /i/snap1, '', false, snap1 base, active snap2",
    "C7, /i/snap1, /i/active, false, snap1 base, active snap2",
  })
  void equivalencesLeaveTheSameChain(
      String row, String base, String top, boolean shallow, String after, String invalidated) {
    boolean active = top.isEmpty() || top.equals("/i/active");
    BlockCommitRequest request = request(base, top, shallow).setActive(active).build();

    CommitPlan plan = CommitPlan.of(Chains.absolute(), request, true);

    assertThat(Chains.paths(plan.after().images())).isEqualTo(paths(after));
    assertThat(Chains.paths(plan.invalidated())).isEqualTo(paths(invalidated));
    assertThat(plan.twoPhase()).isEqualTo(active);
    assertThat(plan.kind())
        .isEqualTo(active ? JobKind.JOB_KIND_ACTIVE_COMMIT : JobKind.JOB_KIND_COMMIT);
    assertThat(plan.overlay().isPresent()).isEqualTo(!active);
  }

  @Test
  void headerAboveTopNamesTheBase() {
    // C9
    CommitPlan plan = plan(request("", "/i/snap2", false), true);
    assertThat(plan.overlay()).map(ChainImage::getPath).contains("/i/active");
    assertThat(plan.backingReference()).isEqualTo("/i/base");
    assertThat(plan.after().active().getBackingReference()).isEqualTo("/i/base");
    CommitPlan moved =
        CommitPlan.of(Chains.relative(), request("", "/i/snap2", false).build(), true);
    assertThat(moved.backingReference()).as("R8").isEqualTo("../b/base");
  }

  @Test
  void activeImageOfARunningDomainNeedsActive() {
    // C8, D1
    refused(
        ErrorReason.ERROR_REASON_ACTIVE_COMMIT_REQUIRED, () -> plan(request("", "", false), true));
    refused(
        ErrorReason.ERROR_REASON_TOP_NOT_ACTIVE,
        () -> plan(request("", "/i/snap2", false).setActive(true), true));
  }

  @Test
  void activeImageOfAShutOffDomainIsCommittedInOnePhase() {
    // C16
    CommitPlan plan = plan(request("", "", false), false);
    assertThat(plan.twoPhase()).isFalse();
    assertThat(plan.kind()).isEqualTo(JobKind.JOB_KIND_COMMIT);
  }

  @Test
  void baseMustLieBelowTop() {
    // B4
    refused(
        ErrorReason.ERROR_REASON_BASE_NOT_BELOW_TOP,
        () -> plan(request("/i/snap2", "/i/snap1", false), true));
    refused(
        ErrorReason.ERROR_REASON_BASE_NOT_BELOW_TOP,
        () -> plan(request("/i/snap1", "/i/snap1", false), true));
    refused(
        ErrorReason.ERROR_REASON_TOP_HAS_NO_BACKING,
        () -> plan(request("", "/i/base", false), true));
    refused(
        ErrorReason.ERROR_REASON_IMAGE_NOT_IN_CHAIN,
        () -> plan(request("/i/none", "", false).setActive(true), true));
  }

  @Test
  void jobThatEndsByItselfCannotBeToldHow() {
    refused(
        ErrorReason.ERROR_REASON_JOB_KIND_INVALID,
        () ->
            plan(
                request("", "/i/snap1", false).setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT),
                true));
  }

  @Test
  void recordNamesImagesByPath() {
    BlockCommitRequest request = request("vda[3]", "vda[1]", false).setDelete(true).build();
    assertThat(CommitPlan.of(Chains.absolute(), request, true).request(request))
        .isEqualTo(
            JobRequest.newBuilder().setBase("/i/base").setTop("/i/snap2").setDelete(true).build());
  }

  private static CommitPlan plan(BlockCommitRequest.Builder request, boolean running) {
    return CommitPlan.of(Chains.absolute(), request.build(), running);
  }

  private static BlockCommitRequest.Builder request(String base, String top, boolean shallow) {
    BlockCommitRequest.Builder result = BlockCommitRequest.newBuilder().setShallow(shallow);
    if (!base.isEmpty()) {
      result.setBase(base);
    }
    if (!top.isEmpty()) {
      result.setTop(top);
    }
    return result;
  }

  private static List<String> paths(String names) {
    return Arrays.stream(names.split(" ")).map(name -> "/i/" + name).toList();
  }
}
