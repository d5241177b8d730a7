package dev.drover.client.cli;

import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say how a mirror gets in step with a guest that writes. */
final class ConvergenceOptions {
  @Option(
      names = "--max-pause",
      paramLabel = "DURATION",
      description =
          "Hold the guest once, at most for this time (500ms, 2s), to get the rest copied.")
  private Optional<String> maxPause = Optional.empty();

  @Option(
      names = "--converge-within",
      paramLabel = "DURATION",
      description = "End the job as failed where it is not ready after this time (90s, 10m).")
  private Optional<String> within = Optional.empty();

  Optional<Duration> maxPause() {
    return maxPause.map(text -> DurationOption.parse(text, "--max-pause"));
  }

  Optional<Duration> within() {
    return within.map(text -> DurationOption.parse(text, "--converge-within"));
  }
}
