package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** What a job could not write to is told before it begins, with what is in the way (R11, E18). */
@Tag("qemu")
class DeniedFilesIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  @Test
  @EnabledIf("dev.drover.qemu.block.SmallFileSystem#possible")
  void nothingIsCommittedIntoAnImageOnAFileSystemThatIsMountedReadOnly() {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      String base = bench.images().path("base").toString();
      TestImages.run(List.of("mount", "--bind", base, base));
      try {
        TestImages.run(List.of("mount", "-o", "remount,bind,ro", base));
        for (boolean only : List.of(true, false)) {
          assertRefused(
              () ->
                  bench
                      .blockJobs()
                      .commit(
                          bench.call(),
                          CommitIT.request(bench).setActive(true).setValidateOnly(only).build()),
              ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED,
              "'" + base + "'",
              "mounted read-only");
        }
      } finally {
        TestImages.run(List.of("umount", "--lazy", base));
      }
      assertThat(bench.jobList()).isEmpty();
      bench.assertNothingLost();
    }
  }

  @Test
  void aDestinationThatCannotBecomeAnImageIsToldForWhatItIs() throws IOException { // E18
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Files.createDirectory(bench.images().path("directory"));
      Files.createSymbolicLink(bench.images().path("link"), Path.of("nowhere"));

      assertRefused(
          () -> copy(bench, "directory"),
          ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
          "neither a file nor a block device");
      assertRefused(
          () -> copy(bench, "link"),
          ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
          "symbolic link that leads nowhere");
      assertThat(bench.jobList()).isEmpty();
    }
  }

  private static void copy(BlockBench bench, String name) {
    var _ =
        bench
            .blockJobs()
            .copy(
                bench.call(),
                CopyIT.request(bench, name, ImageFormat.IMAGE_FORMAT_QCOW2)
                    .setValidateOnly(true)
                    .build());
  }

  private static void assertRefused(ThrowingCallable call, ErrorReason reason, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(e.getMessage()).contains(words);
            });
  }
}
