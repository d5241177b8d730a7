package dev.drover.client;

import java.time.Duration;

/**
 * How calls are made.
 *
 * @param deadline time a call may take where the caller names none
 * @param reconnectFor time for which calls and streams look for a daemon that went away
 */
record CallSettings(Duration deadline, Duration reconnectFor) {
  static final CallSettings DEFAULTS =
      new CallSettings(Duration.ofSeconds(60), Duration.ofSeconds(30));
}
