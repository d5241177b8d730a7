package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process may have open only what was checked (R11). */
class OpeningCheckTest {

  @TempDir Path directory;
  private Path allowed;
  private Path disk;
  private Path other;
  private Path outside;
  private KernelStandIn kernel;
  private OpeningCheck opening;

  @BeforeEach
  void makeFiles() throws IOException {
    directory = directory.toRealPath();
    allowed = Files.createDirectory(directory.resolve("images"));
    disk = Files.createFile(allowed.resolve("disk"));
    other = Files.createFile(allowed.resolve("other"));
    outside = Files.createFile(directory.resolve("outside"));
    kernel = new KernelStandIn(directory.resolve("proc"));
    opening = new OpeningCheck(new ImagePaths(List.of(allowed)), kernel.directory());
  }

  @Test
  void whatWasCheckedIsOpenWhateverPathLedToIt() throws IOException {
    Path link = Files.createSymbolicLink(allowed.resolve("link"), disk);
    kernel.opens(disk);
    opens(opening.check(link.toString()));
    opens(opening.check(disk.toString()));
  }

  /** As an image is by the job that writes to it, at its beginning and at its end. */
  @Test
  void aFileIsFoundWhileItIsOpenedAnew() throws IOException {
    OpeningCheck real = new OpeningCheck(new ImagePaths(List.of(allowed)));
    CheckedFile checked = real.check(disk.toString());
    try (Reopener reopener = new Reopener(disk)) {
      for (int look = 0; look < 200; look++) {
        real.require("guest", ProcessHandle.current().pid(), List.of(checked));
      }
      assertThat(reopener.times()).isPositive();
    }
  }

  /** A thread that has a file open at every moment, with one descriptor after another. */
  private static final class Reopener implements AutoCloseable {
    private final AtomicInteger times = new AtomicInteger();
    private final Thread thread;
    private volatile boolean closed;

    Reopener(Path file) throws IOException {
      FileChannel first = FileChannel.open(file);
      thread = Thread.ofPlatform().start(() -> reopen(file, first));
    }

    private void reopen(Path file, FileChannel first) {
      FileChannel old = first;
      try {
        while (!closed) {
          FileChannel fresh = FileChannel.open(file);
          old.close();
          old = fresh;
          times.incrementAndGet();
        }
        old.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    int times() {
      return times.get();
    }

    @Override
    public void close() {
      closed = true;
      try {
        thread.join(Duration.ofMinutes(1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void anotherFileInItsPlaceIsRefusedAndNamed() throws IOException {
    CheckedFile checked = opening.check(disk.toString());
    kernel.opens(other);
    refused(ErrorReason.ERROR_REASON_CHAIN_DIVERGED, checked)
        .hasMessageContaining(disk.toString())
        .hasMessageContaining("'" + other + "'");
  }

  @Test
  void aFileThatTookItsNameIsAnotherOne() throws IOException {
    CheckedFile checked = opening.check(disk.toString());
    Files.move(disk, allowed.resolve("moved"));
    Files.createFile(disk);
    kernel.opens(disk);
    refused(ErrorReason.ERROR_REASON_CHAIN_DIVERGED, checked);
  }

  @Test
  void theRightFileAtAPlaceOutsideIsRefused() throws IOException {
    CheckedFile checked = opening.check(disk.toString());
    Path moved = Files.move(disk, directory.resolve("moved"));
    kernel.opens(moved);
    refused(ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED, checked)
        .hasMessageContaining("'" + moved + "'");
  }

  @Test
  void aFileThatTwoDisksShareIsOpenTwice() throws IOException {
    CheckedFile checked = opening.check(disk.toString());
    kernel.opens(disk);
    kernel.opens(outside);
    opens(checked);
    refused(ErrorReason.ERROR_REASON_CHAIN_DIVERGED, checked, checked)
        .hasMessageContaining("'" + outside + "'");
    kernel.opens(disk);
    opens(checked, checked);
  }

  @Test
  void aLogThatIsOnlyWrittenIsNoImage() throws IOException {
    CheckedFile checked = opening.check(disk.toString());
    kernel.opens(
        disk, KernelStandIn.APPENDS, "ino:\t" + FileIdentity.of(disk).orElseThrow().inode());
    kernel.opens(other);
    refused(ErrorReason.ERROR_REASON_CHAIN_DIVERGED, checked);
  }

  @Test
  void aKernelThatTellsNoNumbersOrOtherOnesIsAskedAboutTheFiles() throws IOException {
    CheckedFile checked = opening.check(disk.toString());
    kernel.opens(disk, KernelStandIn.READ_WRITE, "");
    opens(checked);
    kernel = new KernelStandIn(directory.resolve("other-numbers"));
    opening = new OpeningCheck(new ImagePaths(List.of()), kernel.directory());
    kernel.opens(other);
    kernel.opens(disk, KernelStandIn.READ_WRITE, "ino:\t1");
    opens(checked);
  }

  @Test
  void aPathThatMayNotBeUsedIsNotChecked() throws IOException {
    Path link = Files.createSymbolicLink(allowed.resolve("link"), outside);
    assertThatThrownBy(() -> opening.check(link.toString()))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED));
    assertThatThrownBy(() -> opening.check(allowed.resolve("none").toString()))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND));
  }

  @Test
  void whatCannotBeSeenIsNoReasonToRefuse() throws IOException {
    CheckedFile checked = opening.check(disk.toString());
    kernel.opens(other);
    // What a process of another user looks like: it is there, and nobody may look at its files.
    Files.delete(kernel.process().resolve("fdinfo").resolve("1"));
    Files.createDirectory(kernel.process().resolve("fdinfo").resolve("1"));
    opens(checked);
  }

  @Test
  void aProcessThatHasEndedIsLeftToThoseWhoTalkToIt() throws IOException {
    CheckedFile checked = opening.check(disk.toString());
    assertThatCode(() -> opening.require("dom", 1, List.of(checked))).doesNotThrowAnyException();
    opens(checked);
  }

  @Test
  void aLogLiesWhereItWasToLie() throws IOException {
    Path log = allowed.resolve("log");
    CheckedPlace place = opening.place(log.toString());
    kernel.opens(other);
    kernel.opens(Files.createFile(log), KernelStandIn.APPENDS, "");
    assertThatCode(() -> opening.requireLogs("dom", KernelStandIn.PID, List.of(place)))
        .doesNotThrowAnyException();
  }

  @Test
  void aLogThatWasLedElsewhereIsRefusedWhereThereAreRules() throws IOException {
    CheckedPlace place = opening.place(allowed.resolve("log").toString());
    kernel.opens(outside, KernelStandIn.APPENDS, "");
    assertThatThrownBy(() -> opening.requireLogs("dom", KernelStandIn.PID, List.of(place)))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED))
        .hasMessageContaining(outside.toString());
    OpeningCheck anywhere = new OpeningCheck(new ImagePaths(List.of()), kernel.directory());
    assertThatCode(() -> anywhere.requireLogs("dom", KernelStandIn.PID, List.of(place)))
        .doesNotThrowAnyException();
  }

  private void opens(CheckedFile... files) {
    assertThatCode(() -> opening.require("dom", KernelStandIn.PID, List.of(files)))
        .doesNotThrowAnyException();
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(
      ErrorReason reason, CheckedFile... files) {
    return assertThatThrownBy(() -> opening.require("dom", KernelStandIn.PID, List.of(files)))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(e.metadata()).containsEntry("path", files[0].path());
            });
  }
}
