package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are the same, whoever answers (R3, R4). */
class KnownFilesTest {

  @TempDir private Path directory;

  private final List<String> asked = new ArrayList<>();

  @Test
  void oneFileHasManyPaths() throws IOException {
    Path file = Files.createFile(directory.resolve("a"));
    Path other = Files.createFile(directory.resolve("b"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    Path hard = Files.createLink(directory.resolve("hard"), file);

    KnownFiles known = KnownFiles.at(Set.of(file.toString()));

    assertThat(List.of(file, link, hard, directory.resolve("./a")))
        .allMatch(path -> known.include(path.toString()));
    assertThat(known.include(other.toString())).isFalse();
    assertThat(known.include(directory.resolve("none").toString())).isFalse();
    assertThat(ImageFiles.same(link.toString(), hard.toString())).isTrue();
    assertThat(ImageFiles.same(link.toString(), other.toString())).isFalse();
  }

  @Test
  void whoDoesNotAnswerHoldsNobodyUp() {
    KnownFiles known = KnownFiles.at(Set.of("/one"), this::answer);

    assertThat(known.include("/silent")).isFalse();
    assertThat(known.include("/two")).isFalse();
    assertThat(asked).containsExactly("/one", "/silent", "/two");
  }

  @Test
  void betweenTwoThatDoNotAnswerNobodyKnows() {
    KnownFiles known = KnownFiles.at(Set.of("/silent", "/one"), this::answer);

    assertThat(known.include("/silent")).isTrue();
    assertThat(known.include("/two")).isFalse();
    assertThatExceptionOfType(DriverException.class)
        .isThrownBy(() -> known.include("/silent/too"))
        .matches(e -> e.reason() == ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED);
  }

  @Test
  void nothingIsAskedWhereThereIsNothingToCompareWith() {
    assertThat(KnownFiles.at(Set.of(), this::answer).include("/one")).isFalse();
    assertThat(asked).isEmpty();
  }

  private Optional<FileIdentity> answer(String path) throws IOException {
    asked.add(path);
    if (path.startsWith("/silent")) {
      throw new FileQuestions.Unanswered(path, Duration.ofSeconds(1));
    }
    return Optional.of(new FileIdentity(1, path.hashCode()));
  }
}
