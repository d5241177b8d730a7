package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** R1, R18: what a failed job says names it, its disk and domain, and what to do next. */
final class JobFailuresTest {

  private static final Job JOB =
      Job.newBuilder()
          .setId("j1")
          .setDomainName("web")
          .setDisk("vda")
          .setKind(JobKind.JOB_KIND_COMMIT)
          .build();

  private static Stream<DriverException> failures() {
    return Stream.of(
        JobFailures.ofJob(JOB, JobFailures.NEVER_BEGAN),
        JobFailures.ofJob(JOB, "Input/output error"),
        JobFailures.ofJob(JOB, "No space left on device"),
        JobFailures.ofRefusal(JOB, "the hypervisor refused to pivot"),
        JobFailures.interrupted(JOB, "its process ended"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void saysOfWhatAndWhatToDoNext(DriverException failure) {
    assertThat(failure)
        .hasMessageContainingAll("job j1", "disk 'vda'", "domain 'web'")
        .message()
        .matches("(?i).*(; |\\. )[^;.]*start it again[^;.]*");
  }

  @Test
  void oneThatNeverBeganWasInterrupted() {
    assertThat(JobFailures.ofJob(JOB, JobFailures.NEVER_BEGAN).reason())
        .isEqualTo(ErrorReason.ERROR_REASON_JOB_INTERRUPTED);
  }
}
