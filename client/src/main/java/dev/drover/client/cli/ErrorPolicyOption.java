package dev.drover.client.cli;

import dev.drover.v1.JobErrorPolicy;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that says what an I/O error does to a job. */
final class ErrorPolicyOption {
  @Option(
      names = "--on-error",
      paramLabel = "POLICY",
      description =
          "report: an I/O error fails the job; stop: it holds the job until 'drover job resume'."
              + " Default: a full disk holds the job until there is room, other errors fail it.")
  private Optional<String> policy = Optional.empty();

  JobErrorPolicy policy() {
    return policy
        .map(
            text ->
                switch (text) {
                  case "report" -> JobErrorPolicy.JOB_ERROR_POLICY_REPORT;
                  case "stop" -> JobErrorPolicy.JOB_ERROR_POLICY_STOP;
                  default ->
                      throw new CommandFailure(
                          "--on-error '%s' is neither 'report' nor 'stop'".formatted(text));
                })
        .orElse(JobErrorPolicy.JOB_ERROR_POLICY_UNSPECIFIED);
  }
}
