package dev.drover.server.argument;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Convergence;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.LiveMemory;
import dev.drover.v1.Quiesce;

/** Rules of times and policies: how jobs converge and end, and what is worth telling (D14, R19). */
final class PolicyArguments {

  private static final Duration MILLISECOND = Durations.fromMillis(1);
  private static final Duration SECOND = Durations.fromSeconds(1);
  private static final Duration MINUTE = Durations.fromSeconds(60);
  private static final Duration HOUR = Durations.fromHours(1);
  private static final Duration DAY = Durations.fromDays(1);
  private static final Duration LONGEST = Durations.MAX_VALUE;

  private PolicyArguments() {}

  /**
   * How a mirror gets in step.
   *
   * @param copy whether the mirror is a copy
   */
  static void convergence(Convergence convergence, boolean copy) {
    boolean pause = convergence.getPolicy() == ConvergencePolicy.CONVERGENCE_POLICY_PAUSE;
    Argument.that(
        copy || convergence.getPolicy() != ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING,
        "convergence.policy",
        "CONVERGENCE_POLICY_WRITE_BLOCKING is for copies only");
    Argument.that(
        pause == convergence.hasMaxPause(),
        "convergence.max_pause",
        pause ? "is required with CONVERGENCE_POLICY_PAUSE" : "is for CONVERGENCE_POLICY_PAUSE");
    if (pause) {
      between(convergence.getMaxPause(), MILLISECOND, MINUTE, "convergence.max_pause");
    }
    if (convergence.hasDeadline()) {
      between(convergence.getDeadline(), MILLISECOND, LONGEST, "convergence.deadline");
    }
  }

  /** How a guest's file systems are frozen. */
  static void quiesce(Quiesce quiesce) {
    if (quiesce.hasTimeout()) {
      between(quiesce.getTimeout(), SECOND, MINUTE, "quiesce.timeout");
    }
  }

  /** How long a guest may run on while its memory is written. */
  static void liveMemory(LiveMemory live) {
    if (live.hasHoldAfter()) {
      between(live.getHoldAfter(), SECOND, HOUR, "live_memory.hold_after");
    }
  }

  /** What has lasted long enough to be told. */
  static void minimumAge(InspectWaitsRequest request) {
    if (request.hasMinimumAge()) {
      between(request.getMinimumAge(), Durations.ZERO, DAY, "minimum_age");
    }
  }

  private static void between(Duration value, Duration least, Duration most, String field) {
    Argument.that(Durations.isValid(value), field, "is not a valid duration");
    if (Durations.compare(value, least) < 0 || Durations.compare(value, most) > 0) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_OUT_OF_RANGE,
          "%s = %s is not between %s and %s"
              .formatted(
                  field,
                  Durations.toString(value),
                  Durations.toString(least),
                  Durations.toString(most)),
          "field",
          field,
          "maximum",
          Durations.toString(most));
    }
  }
}
