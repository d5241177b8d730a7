package dev.drover.benchmarks;

import dev.drover.qemu.config.RunFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A QEMU that lives and takes what is sent to its monitor, but answers nothing: its main loop waits
 * for somebody to read from a pipe into which it was told, on its second monitor, to write memory.
 */
final class SilentMonitor implements Hang {

  private static final Duration LIFE = Duration.ofMinutes(5);
  private static final int BYTES = 4096;

  private final String domain;
  private final Suspension process;
  private final Path monitor;
  private final Path pipe;
  private Optional<BareMonitor> waiting = Optional.empty();

  /**
   * Of this domain, run by this process.
   *
   * @param pipe a file that is made
   */
  SilentMonitor(String domain, long process, Path pipe) {
    this.domain = domain;
    this.process = new Suspension(process);
    this.monitor = new RunFiles(BareLaunch.of(process).runDirectory()).diagnostics();
    this.pipe = pipe;
    var _ = Programs.run(List.of("mkfifo", pipe.toString()));
  }

  @Override
  public String title() {
    return "monitor silent, QEMU alive";
  }

  @Override
  public String domain() {
    return domain;
  }

  @Override
  public void begin() {
    if (waiting.isPresent()) {
      return;
    }
    try {
      BareMonitor connected = BareMonitor.connect(monitor, LIFE);
      waiting = Optional.of(connected);
      connected.send(
          "pmemsave",
          BareMonitor.arguments()
              .put("val", 0)
              .put("size", BYTES)
              .put("filename", pipe.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void end() {
    // Opened for both directions, so that it opens though nobody writes: QEMU may be gone.
    try (FileChannel _ =
        FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      waiting.ifPresent(BareMonitor::answer);
    } catch (BareMonitor.ClosedException | UncheckedIOException e) {
      // Where it was ended while it hung it has nothing more to answer.
      if (process.alive()) {
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      waiting.ifPresent(BareMonitor::close);
      waiting = Optional.empty();
    }
  }

  @Override
  public void close() {
    end();
  }
}
