package dev.drover.server.guard;

import dev.drover.server.access.Permission;
import dev.drover.server.config.DaemonConfig.Limits;
import dev.drover.spi.Caller;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the calls that each caller has open, over all its connections (R29). Who looks after the
 * daemon gets through in any case, to see what fills it.
 */
public final class CallerShares {

  private final int most;
  private final Map<String, Integer> open = new ConcurrentHashMap<>();

  /** Makes the count of a daemon. */
  @Inject
  public CallerShares(Limits limits) {
    this.most = limits.callsPerCaller();
  }

  /**
   * Counts a call in.
   *
   * @return counts it out, to be run once; empty where it is not counted
   * @throws DriverException LIMIT_EXCEEDED
   */
  Optional<Runnable> enter(Caller caller, MethodRule rule) {
    boolean counted =
        most > 0 && rule.drover() && !rule.permission().equals(Permission.HOST_ADMIN.text());
    if (!counted) {
      return Optional.empty();
    }
    String principal = caller.principal();
    if (open.merge(principal, 1, Integer::sum) > most) {
      leave(principal);
      throw DriverException.of(
          ErrorReason.ERROR_REASON_LIMIT_EXCEEDED,
          "%s has %d calls open already; wait until some have ended".formatted(principal, most),
          "limit",
          "calls_per_caller",
          "maximum",
          Integer.toString(most));
    }
    return Optional.of(() -> leave(principal));
  }

  private void leave(String principal) {
    open.computeIfPresent(principal, (_, calls) -> calls > 1 ? calls - 1 : null);
  }
}
