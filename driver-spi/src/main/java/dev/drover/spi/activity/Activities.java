package dev.drover.spi.activity;

/**
 * Where a driver tells what it is at, so that the daemon can measure it, and show what hangs while
 * it hangs (R4, R21). Telling never blocks and never fails.
 */
@FunctionalInterface
public interface Activities {

  /** Tells nobody. */
  Activities UNOBSERVED = _ -> Activity.UNOBSERVED;

  /**
   * Some work begins now, on behalf of what the current thread does.
   *
   * @return to be ended once
   */
  Activity begin(Work work);
}
