package dev.drover.spi.block;

import dev.drover.v1.Convergence;
import dev.drover.v1.ConvergencePolicy;

/** How mirrors get in step with a guest that writes (R19). */
public final class Convergences {

  private Convergences() {}

  /** A request's wish with its default named. */
  public static Convergence resolved(Convergence asked) {
    return asked.getPolicy() == ConvergencePolicy.CONVERGENCE_POLICY_UNSPECIFIED
        ? asked.toBuilder().setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_NONE).build()
        : asked;
  }

  /** Whether every guest write waits for the destination. */
  public static boolean writeBlocking(Convergence convergence) {
    return convergence.getPolicy() == ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING;
  }
}
