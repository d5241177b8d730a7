package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.image.FileIdentity;
import dev.drover.qemu.image.OpenFiles;
import dev.drover.qemu.journal.DoomedFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R3, C13: a file goes only where it is, at that moment, the one that the job worked on. */
class FileRemovalTest {

  @TempDir private Path directory;

  private HeaderImages images;
  private HolderBench bench;
  private Path snap2;
  private DoomedFile doomed;

  @BeforeEach
  void start() {
    images = new HeaderImages(directory);
    bench = new HolderBench();
    snap2 = images.path("snap2");
    doomed = DoomedFile.of(snap2.toString(), Optional.empty());
  }

  @AfterEach
  void end() {
    bench.close();
  }

  private FileRemoval.Removed remove(DoomedFile... files) {
    return bench.removal().remove("1", List.of(files));
  }

  private void assertKept(FileRemoval.Removed removed, Path path, String why) {
    assertThat(removed.deleted()).isEmpty();
    assertThat(removed.warnings())
        .singleElement()
        .satisfies(warning -> assertThat(warning).contains("'" + path + "'").contains(why));
    assertThat(Files.exists(path, LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  @Test
  void fileThatNobodyNeedsIsUnlinkedOnce() {
    assertThat(remove(doomed).deleted()).containsExactly(snap2.toString());
    assertThat(Files.exists(snap2)).isFalse();
    FileRemoval.Removed again = remove(doomed);
    assertThat(again.deleted()).as("the next daemon repeats it").containsExactly(snap2.toString());
    assertThat(again.warnings()).isEmpty();
  }

  @Test
  void fileOfAnyContentPutInItsPlaceStays() throws IOException {
    Path copy = Files.copy(snap2, directory.resolve("same-content"));
    Files.move(snap2, directory.resolve("aside"));
    Files.move(copy, snap2);
    assertKept(remove(doomed), snap2, "put there since");
  }

  /** Most file systems give the number of the file that has gone to the one that comes. */
  @Test
  void fileMadeAfterItWasDeletedStays() throws IOException {
    Files.setLastModifiedTime(snap2, FileTime.fromMillis(0));
    DoomedFile old = DoomedFile.of(snap2.toString(), Optional.empty());
    Files.delete(snap2);
    images.write("snap2", "snap1.qcow2");
    assertKept(remove(old), snap2, "put there since");
  }

  @Test
  void changedContentLeavesItTheSameFile() throws IOException {
    Files.setLastModifiedTime(snap2, FileTime.fromMillis(0));
    DoomedFile old = DoomedFile.of(snap2.toString(), Optional.empty());
    images.write("snap2", "base.qcow2");
    assertThat(remove(old).deleted()).containsExactly(snap2.toString());
  }

  @Test
  void fileReplacedWhileItsHoldersAreLookedForStays() {
    bench.whenAsked(() -> replace(snap2));
    assertKept(remove(doomed), snap2, "put there since");
  }

  @Test
  void createdFileReplacedWhileItsHoldersAreLookedForStays() {
    bench.whenAsked(() -> replace(snap2));
    assertKept(created(Optional.empty()), snap2, "put there since");
  }

  @Test
  void createdFileReplacedLongBeforeStaysWhereItIsKnownWhichOneItWas() throws IOException {
    Files.move(snap2, directory.resolve("aside"));
    Files.writeString(snap2, "somebody's letters");
    assertKept(created(Optional.of(doomed)), snap2, "put there since");
    assertThat(created(Optional.empty()).deleted()).containsExactly(snap2.toString());
  }

  private FileRemoval.Removed created(Optional<DoomedFile> made) {
    return bench.removal().removeCreated("1", snap2.toString(), made);
  }

  private void replace(Path path) {
    bench.whenAsked(() -> {});
    try {
      Files.move(path, directory.resolve("aside"));
      Files.writeString(path, "somebody's letters");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void symbolicLinkToTheFileStaysAndSoDoesTheFile() throws IOException {
    Path moved = Files.move(snap2, directory.resolve("moved"));
    Files.createSymbolicLink(snap2, moved);
    assertThat(doomed.stillThere()).isTrue();
    assertKept(remove(doomed), snap2, "symbolic link");
    assertThat(Files.exists(moved)).isTrue();
  }

  @Test
  void brokenLinkInItsPlaceStays() throws IOException {
    Files.move(snap2, directory.resolve("moved"));
    Files.createSymbolicLink(snap2, directory.resolve("nowhere"));
    assertKept(remove(doomed), snap2, "put there since");
  }

  @Test
  void directoryInItsPlaceStays() throws IOException {
    Files.move(snap2, directory.resolve("moved"));
    Files.createDirectory(snap2);
    assertKept(remove(doomed), snap2, "put there since");
    assertKept(created(Optional.empty()), snap2, "not a plain file");
  }

  @Test
  void fileInADirectoryReachedByALinkIsTheSameFile() throws IOException {
    Path real = Files.createDirectory(directory.resolve("real"));
    Path alias = Files.createSymbolicLink(directory.resolve("alias"), real);
    Files.move(snap2, real.resolve("snap2.qcow2"));
    Path byAlias = alias.resolve("snap2.qcow2");
    DoomedFile there = DoomedFile.of(byAlias.toString(), Optional.empty());
    assertThat(remove(there).deleted()).containsExactly(byAlias.toString());
    assertThat(Files.exists(real.resolve("snap2.qcow2"))).isFalse();
  }

  @Test
  void otherNameOfTheFileOutlivesIt() throws IOException {
    Path other = Files.createLink(directory.resolve("other"), snap2);
    assertThat(remove(doomed).deleted()).containsExactly(snap2.toString());
    assertThat(FileIdentity.of(other)).contains(new FileIdentity(doomed.device(), doomed.inode()));
  }

  @Test
  void directoryThatIsGoneLeavesNothingToDo() throws IOException {
    Path place = Files.createDirectory(directory.resolve("place"));
    Path image = Files.move(snap2, place.resolve("snap2.qcow2"));
    DoomedFile there = DoomedFile.of(image.toString(), Optional.empty());
    Files.delete(image);
    Files.delete(place);
    FileRemoval.Removed removed = remove(there);
    assertThat(removed.deleted()).containsExactly(image.toString());
    assertThat(removed.warnings()).isEmpty();
  }

  @Test
  void directoryReplacedByAFileIsNoFailure() throws IOException {
    Path place = Files.createDirectory(directory.resolve("place"));
    Path image = Files.move(snap2, place.resolve("snap2.qcow2"));
    DoomedFile there = DoomedFile.of(image.toString(), Optional.empty());
    Files.delete(image);
    Files.delete(place);
    Files.writeString(place, "a file");
    FileRemoval.Removed removed = remove(there);
    assertThat(Stream.concat(removed.deleted().stream(), removed.warnings().stream()))
        .as("told, one way or the other")
        .singleElement()
        .satisfies(told -> assertThat(told).contains(image.toString()));
    assertThat(place).hasContent("a file");
  }

  @Test
  void fileThatTheProcessDidNotHaveOpenIsNotTheJobs() {
    DoomedFile never = DoomedFile.of(snap2.toString(), Optional.of(new OpenFiles(Set.of())));
    assertKept(remove(never), snap2, "put there since");
  }

  @Test
  void whatStaysIsToldForEachFileAndTheOthersGo() {
    bench.define("other", images.path("snap1"));
    DoomedFile below = DoomedFile.of(images.path("snap1").toString(), Optional.empty());
    FileRemoval.Removed removed = remove(doomed, below);
    assertThat(removed.deleted()).containsExactly(snap2.toString());
    assertThat(removed.warnings())
        .singleElement()
        .satisfies(warning -> assertThat(warning).contains("domain 'other' uses it"));
    assertThat(Files.exists(images.path("snap1"))).isTrue();
  }
}
