package dev.drover.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Expects failures of the SPI. */
public final class Failures {

  private Failures() {}

  /** Runs an action that must fail for this reason, and answers the failure. */
  public static DriverException refused(ErrorReason reason, ThrowingCallable action) {
    DriverException failure = catchThrowableOfType(DriverException.class, action);
    assertThat(failure).as("expected %s", reason).isNotNull();
    assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
    return failure;
  }
}
