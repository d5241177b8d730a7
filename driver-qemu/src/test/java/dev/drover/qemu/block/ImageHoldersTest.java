package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R3, C18: who needs an image, whatever name leads to it. */
class ImageHoldersTest {

  @TempDir private Path directory;

  private HeaderImages images;
  private HolderBench bench;

  @BeforeEach
  void start() {
    images = new HeaderImages(directory);
    bench = new HolderBench();
  }

  @AfterEach
  void end() {
    bench.close();
  }

  private Optional<String> holder(Path path) {
    return bench.holders().holder("1", path.toString());
  }

  private void assertHeld(Path path, String by) {
    assertThat(holder(path)).hasValueSatisfying(why -> assertThat(why).contains(by));
  }

  @Test
  void imageThatNobodyKnowsIsHeldByNobody() {
    assertThat(holder(images.path("active"))).isEmpty();
  }

  @Test
  void everyImageOfADefinedChainIsHeld() {
    bench.define("guest", images.path("snap2"));
    assertHeld(images.path("snap2"), "domain 'guest' uses it");
    assertHeld(images.path("snap1"), "domain 'guest' needs it");
    assertHeld(images.path("base"), "domain 'guest' needs it");
    assertThat(holder(images.path("active"))).as("above the chain").isEmpty();
  }

  @Test
  void everyNameOfAFileIsThatFile() throws IOException {
    Path hard = Files.createLink(directory.resolve("hard.qcow2"), images.path("base"));
    Path soft = Files.createSymbolicLink(directory.resolve("soft.qcow2"), images.path("base"));
    Path place = Files.createSymbolicLink(directory.resolve("place"), directory);
    bench.define("guest", images.path("snap1"));
    for (Path name : new Path[] {hard, soft, place.resolve("base.qcow2")}) {
      assertHeld(name, "domain 'guest' needs it");
    }
  }

  @Test
  void definitionByALinkHoldsTheFile() throws IOException {
    bench.define(
        "guest", Files.createSymbolicLink(directory.resolve("soft.qcow2"), images.path("base")));
    assertHeld(images.path("base"), "domain 'guest' uses it");
  }

  @Test
  void equalFileIsAnotherFile() throws IOException {
    bench.define("guest", images.path("base"));
    assertThat(holder(Files.copy(images.path("base"), directory.resolve("copy")))).isEmpty();
  }

  @Test
  void chainThatCannotBeReadHoldsEverything() throws IOException {
    bench.define("guest", images.path("active"));
    Files.delete(images.path("snap2"));
    assertHeld(images.path("base"), "cannot be told");
    assertHeld(images.path("snap1"), "cannot be told");
    images.write("snap2", "snap1.qcow2");
    assertHeld(images.path("base"), "needs it");
  }

  @Test
  void domainWhoseDirectoryIsGoneHoldsEverything() {
    bench.define("guest", directory.resolve("unmounted").resolve("active.qcow2"));
    assertHeld(images.path("base"), "whether disk 'vda' of domain 'guest' needs it cannot be told");
  }

  @Test
  void runningDomainHoldsWhatItHasOpenWhateverIsDefined() {
    bench.run("guest", images.path("snap1"), false);
    assertHeld(images.path("base"), "domain 'guest' has it open");
    assertThat(holder(images.path("snap2"))).isEmpty();
  }

  @Test
  void runningDomainHoldsAFileByAnotherName() throws IOException {
    Path alias = Files.createLink(directory.resolve("alias.qcow2"), images.path("base"));
    bench.run("guest", images.path("snap1"), false);
    assertHeld(alias, "domain 'guest' has it open");
  }

  @Test
  void unfinishedJobHoldsItsImagesAgainstOthers() {
    bench.write(HolderBench.commit("2", images.path("snap2"), images.path("base")));
    assertHeld(images.path("snap2"), "job 2, which has not ended");
    assertHeld(images.path("base"), "job 2, which has not ended");
    assertThat(bench.holders().holder("2", images.path("snap2").toString()))
        .as("its own images")
        .isEmpty();
  }

  @Test
  void snapshotHoldsItsChainUntilItIsBeingDeleted() {
    bench.snapshot("kept", images.path("snap1"), false);
    bench.snapshot("going", images.path("active"), true);
    assertHeld(images.path("snap1"), "snapshot 'kept' of domain 'guest' uses it");
    assertHeld(images.path("base"), "snapshot 'kept' of domain 'guest' needs it");
    assertThat(holder(images.path("active"))).isEmpty();
  }

  @Test
  void snapshotInsideAnImageHoldsThatAndWhatItReads() { // R9
    bench.internalSnapshot("inside", images.path("snap1"));
    assertHeld(images.path("snap1"), "snapshot 'inside' of domain 'guest' uses it");
    assertHeld(images.path("base"), "snapshot 'inside' of domain 'guest' needs it");
    assertThat(holder(images.path("active"))).isEmpty();
  }

  @Test
  void momentThatIsLostHoldsNothing() { // R9
    bench.snapshot("one", images.path("snap1"), false);
    bench.lose("one");
    assertThat(bench.holders().holder("", images.path("snap1").toString())).isEmpty();
    assertThat(bench.holders().elsewhere("", images.path("base").toString())).isEmpty();
  }

  @Test
  void branchThatARevertHasLeftHoldsWhatItReads() {
    bench.made("guest", images.path("snap2"));
    bench.made("guest", directory.resolve("deleted.qcow2"));
    assertHeld(images.path("snap1"), "snap2.qcow2', a branch above a snapshot, needs it");
    assertHeld(images.path("base"), "needs it");
    assertThat(bench.holders().holder("", images.path("snap2").toString())).isEmpty();
    assertThat(bench.holders().holder("", images.path("active").toString())).isEmpty();
    String base = images.path("base").toString();
    assertThat(bench.holders().elsewhere(HolderBench.uuid("guest"), base)).isEmpty();
    assertThat(bench.holders().elsewhere(HolderBench.uuid("other"), base)).isPresent();
  }

  @Test
  void snapshotWhoseImageIsGoneHoldsNothing() {
    bench.snapshot("lost", directory.resolve("deleted.qcow2"), false);
    assertThat(holder(images.path("base"))).isEmpty();
  }

  @Test
  void snapshotWhoseDirectoryIsGoneMayComeBack() {
    bench.snapshot("away", directory.resolve("unmounted").resolve("snap.qcow2"), false);
    assertHeld(images.path("base"), "snapshot 'away' of domain 'guest' needs it cannot be told");
  }

  @Test
  void jobIsRefusedWhereAnImageItReadsIsWrittenByADomain() {
    bench.run("writer", images.path("snap1"), false);
    assertInUse(
        () ->
            bench
                .holders()
                .requireUnused(
                    HolderBench.commit(
                        "1", images.path("active"), images.path("snap1"), images.path("base"))),
        "domain 'writer'");
  }

  @Test
  void jobMayReadWhatADomainOnlyReads() {
    bench.run("reader", images.path("snap1"), true);
    assertThatCode(
            () ->
                bench
                    .holders()
                    .requireUnused(
                        HolderBench.commit(
                            "1",
                            images.path("active"),
                            images.path("snap1"),
                            images.path("snap2"))))
        .doesNotThrowAnyException();
    assertInUse(
        () ->
            bench
                .holders()
                .requireUnused(HolderBench.commit("1", images.path("active"), images.path("base"))),
        "domain 'reader'");
  }

  @Test
  void momentIsRefusedInImagesThatAnotherDomainWritesTo() {
    bench.run("writer", images.path("snap2"), false);
    Set<String> moment = Set.of(images.path("snap2").toString());
    assertInUse(
        () -> bench.holders().requireUnwritten(HolderBench.uuid("guest"), moment),
        "domain 'writer'");
    assertThatCode(() -> bench.holders().requireUnwritten(HolderBench.uuid("writer"), moment))
        .doesNotThrowAnyException();
    assertThatCode(
            () ->
                bench
                    .holders()
                    .requireUnwritten(
                        HolderBench.uuid("guest"), Set.of(images.path("snap1").toString())))
        .as("it only reads that one")
        .doesNotThrowAnyException();
  }

  private static void assertInUse(ThrowingCallable call, String holder) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_IMAGE_IN_USE);
              assertThat(e).hasMessageContaining(holder);
            });
  }
}
