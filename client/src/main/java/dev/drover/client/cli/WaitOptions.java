package dev.drover.client.cli;

import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of commands that can wait for the job they start. */
final class WaitOptions {
  @Option(
      names = "--wait",
      description = "Wait for the job and show its progress; Ctrl-C aborts the job.")
  private boolean wait;

  @Option(
      names = "--verbose",
      description = "Accepted as virsh does; progress is shown anyway, unless -q is given.")
  private boolean verbose;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description =
          "Abort the job where it has not come far enough after this time; implies --wait.")
  private Optional<Long> timeout = Optional.empty();

  @Option(names = "--async", description = "When aborting, do not wait for the end of the job.")
  private boolean async;

  /** True where the command waits. */
  boolean waits() {
    return wait || timeout.isPresent();
  }

  boolean async() {
    return async;
  }

  /** How long to wait; empty: as long as it takes. */
  Optional<Duration> timeout() {
    timeout.ifPresent(
        seconds -> {
          if (seconds < 1) {
            throw new CommandFailure("--timeout must be at least 1 second");
          }
        });
    return timeout.map(Duration::ofSeconds);
  }

  /**
   * Refuses options that mean nothing without waiting.
   *
   * @param waiting true where another option makes the command wait
   */
  void check(boolean waiting) {
    if (!waiting && (async || verbose)) {
      throw new CommandFailure(
          "%s needs --wait or another option that waits"
              .formatted(async ? "--async" : "--verbose"));
    }
  }
}
