package dev.drover.conformance.bench;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** Waits for what no call waits for, by asking again and again. */
public final class Waiting {

  /** Short beside what a case takes, long beside what asking takes. */
  private static final Duration BETWEEN = Duration.ofMillis(10);

  private Waiting() {}

  /**
   * A wait that asks at once and then every few milliseconds.
   *
   * @param description what is waited for
   */
  public static ConditionFactory await(String description) {
    return Awaitility.await(description).pollDelay(Duration.ZERO).pollInterval(BETWEEN);
  }
}
