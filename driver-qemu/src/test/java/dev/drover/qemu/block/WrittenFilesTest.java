package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.JobErrorPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a job writes to is what its paths lead to (R11). This process plays the hypervisor. */
class WrittenFilesTest {

  @TempDir Path directory;
  private final OpeningCheck opening = new OpeningCheck(new ImagePaths(List.of()));
  private final Map<String, FileChannel> open = new HashMap<>();
  private FlowBench bench;
  private BlockJobCommand command;

  @BeforeEach
  void openImages() {
    bench =
        new FlowBench(
            directory, BlockCommitRequest.newBuilder().setDisk("vda").setTop("snap2").build());
    command = StartCommands.of(bench.entry(), JobErrorPolicy.JOB_ERROR_POLICY_UNSPECIFIED);
    bench.host().runsAs(ProcessHandle.current().pid());
    bench.entry().written().forEach(path -> open(path, Path.of(path)));
  }

  @AfterEach
  void closeImages() throws IOException {
    for (FileChannel channel : open.values()) {
      channel.close();
    }
  }

  @Test
  void aJobBeginsOnTheFilesThatAreOpen() {
    assertThat(written().begin(command, "job-1")).isEmpty();
    assertThat(bench.host().commands()).containsExactly("block-commit");
  }

  @Test
  void aJobWhoseBaseIsNotTheOpenFileDoesNotBegin() throws IOException {
    Path base = base();
    open(base.toString(), Files.copy(base, directory.resolve("foreign")));
    assertThatThrownBy(this::written)
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_CHAIN_DIVERGED);
              assertThat(e.metadata()).containsEntry("path", base.toString());
            });
    assertThat(bench.host().commands()).isEmpty();
  }

  @Test
  void aJobForWhichAnotherFileWasOpenedIsCancelled() throws IOException {
    Path base = base();
    Path foreign = Files.copy(base, directory.resolve("foreign"));
    bench.host().when("block-commit", () -> open(base.toString(), foreign));
    assertThat(written().begin(command, "job-1"))
        .hasValueSatisfying(
            e -> {
              assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_CHAIN_DIVERGED);
              assertThat(e).hasMessageContaining(foreign.toString());
            });
    assertThat(bench.host().commands()).containsExactly("block-commit", "job-cancel");
  }

  @Test
  void aJobThatHasEndedByThenIsToldAllTheSame() throws IOException {
    Path base = base();
    Path foreign = Files.copy(base, directory.resolve("foreign"));
    bench.host().when("block-commit", () -> open(base.toString(), foreign));
    bench.host().refuse("job-cancel", "Job 'job-1' in state 'concluded' cannot accept it");
    assertThat(written().begin(command, "job-1")).isPresent();
  }

  private WrittenFiles written() {
    return WrittenFiles.of(opening, bench.host(), bench.entry());
  }

  private Path base() {
    return bench.images().path("base");
  }

  /** Opens a file in the place of what is open for a path. */
  private void open(String path, Path file) {
    try {
      FileChannel opened =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      Optional<FileChannel> before = Optional.ofNullable(open.put(path, opened));
      if (before.isPresent()) {
        before.get().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
