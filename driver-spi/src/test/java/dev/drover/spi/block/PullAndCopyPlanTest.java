package dev.drover.spi.block;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PullAndCopyPlanTest {

  @Test
  void pullOfEverythingLeavesTheActiveImageAlone() {
    PullPlan plan = PullPlan.of(Chains.absolute(), BlockPullRequest.getDefaultInstance());
    assertThat(Chains.paths(plan.after().images())).containsExactly("/i/active");
    assertThat(plan.after().active().getBackingReference()).isEmpty();
    assertThat(Chains.paths(plan.dropped())).containsExactly("/i/snap2", "/i/snap1", "/i/base");
    assertThat(plan.request(BlockPullRequest.getDefaultInstance()).getBase()).isEmpty();
  }

  @Test
  void pullKeepsTheImageItWasToldToKeep() {
    PullPlan plan =
        PullPlan.of(
            Chains.relative(),
            BlockPullRequest.newBuilder().setBase("vda[3]").setKeepRelative(true).build());
    assertThat(Chains.paths(plan.after().images())).containsExactly("/i/active", "/b/base");
    assertThat(plan.backingReference()).isEqualTo("../b/base");
    assertThat(Chains.paths(plan.dropped())).containsExactly("/i/snap2", "/i/snap1");
    assertThat(plan.request(BlockPullRequest.getDefaultInstance()).getBase()).isEqualTo("/b/base");
  }

  @Test
  void pullRefusesWhatCannotBe() {
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () ->
            PullPlan.of(
                Chains.absolute(), BlockPullRequest.newBuilder().setKeepRelative(true).build()));
    refused(
        ErrorReason.ERROR_REASON_BASE_NOT_BELOW_TOP,
        () -> PullPlan.of(Chains.absolute(), BlockPullRequest.newBuilder().setBase("vda").build()));
    refused(
        ErrorReason.ERROR_REASON_RELATIVE_BACKING_IMPOSSIBLE,
        () ->
            PullPlan.of(
                Chains.absolute(),
                BlockPullRequest.newBuilder().setBase("/i/base").setKeepRelative(true).build()));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "E3, false, false, QCOW2, /d/copy, ''",
    "E4, false, false, RAW, /d/copy, ''",
    "E5, true, false, QCOW2, /d/copy /i/snap2 /i/snap1 /i/base, /i/snap2",
    "E6, false, true, QCOW2, /d/copy, ''",
    "E8, true, true, RAW, /d/copy, ''",
    "E10, false, true, RAW, /d/copy, ''",
  })
  void copyLeavesTheChainOfTheMatrix(
      String row, boolean shallow, boolean reuse, String format, String after, String backing) {
    CopyPlan plan = CopyPlan.of(Chains.absolute(), copy(shallow, reuse, format));
    assertThat(Chains.paths(plan.after(List.of()).images())).containsExactly(after.split(" "));
    assertThat(plan.backingReference()).isEqualTo(backing);
    assertThat(plan.shallow()).isEqualTo(shallow);
  }

  @Test
  void reusedDestinationBringsItsOwnChain() {
    // E7
    CopyPlan plan = CopyPlan.of(Chains.absolute(), copy(true, true, "QCOW2"));
    assertThat(Chains.paths(plan.after(List.of(Chains.image("/d/below", ""))).images()))
        .containsExactly("/d/copy", "/d/below");
  }

  @Test
  void shallowIntoRawIsRefusedOnlyWhereDataWouldBeLost() {
    // E9
    refused(
        ErrorReason.ERROR_REASON_SHALLOW_COPY_INTO_RAW,
        () -> CopyPlan.of(Chains.absolute(), copy(true, false, "RAW")));
    Chain alone = new Chain("guest", "vda", List.of(Chains.image("/i/disk", "")));
    assertThat(CopyPlan.of(alone, copy(true, false, "RAW")).shallow()).isFalse();
  }

  @Test
  void imageOfTheChainIsNoDestination() {
    refused(
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        () ->
            CopyPlan.of(
                Chains.absolute(),
                BlockCopyRequest.newBuilder()
                    .setDestination(Image.newBuilder().setPath("/i/snap1"))
                    .setReuseExternal(true)
                    .build()));
  }

  @Test
  void rebaseIsReadAsWhatItIs() {
    // E1, E3, E4, E12
    BlockRebaseRequest.Builder rebase =
        BlockRebaseRequest.newBuilder()
            .setDisk("vda")
            .setBase("/d/copy")
            .setBandwidth(Bandwidth.newBuilder().setBytesPerSecond(5))
            .setJobId("j")
            .setRequestId("r")
            .setValidateOnly(true);
    BlockPullRequest pull = RebaseRequests.pull(rebase.setKeepRelative(true).build());
    assertThat(pull)
        .isEqualTo(
            BlockPullRequest.newBuilder()
                .setDomain(rebase.getDomain())
                .setDisk("vda")
                .setBase("/d/copy")
                .setKeepRelative(true)
                .setBandwidth(rebase.getBandwidth())
                .setJobId("j")
                .setRequestId("r")
                .setValidateOnly(true)
                .build());
    assertThat(RebaseRequests.pull(BlockRebaseRequest.getDefaultInstance()).hasBase()).isFalse();
    ChainImage active = Chains.absolute().active();
    BlockCopyRequest copy =
        RebaseRequests.copy(
            rebase.setCopy(true).setShallow(true).setReuseExternal(true).build(), active);
    assertThat(copy.getDestination())
        .isEqualTo(
            Image.newBuilder()
                .setPath("/d/copy")
                .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
                .build());
    assertThat(copy.getShallow()).isTrue();
    assertThat(copy.getReuseExternal()).isTrue();
    assertThat(
            RebaseRequests.copy(rebase.setCopyRaw(true).build(), active)
                .getDestination()
                .getFormat())
        .isEqualTo(ImageFormat.IMAGE_FORMAT_RAW);
  }

  private static BlockCopyRequest copy(boolean shallow, boolean reuse, String format) {
    return BlockCopyRequest.newBuilder()
        .setShallow(shallow)
        .setReuseExternal(reuse)
        .setDestination(
            Image.newBuilder()
                .setPath("/d/copy")
                .setFormat(ImageFormat.valueOf("IMAGE_FORMAT_" + format)))
        .build();
  }
}
