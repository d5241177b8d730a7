package dev.drover.conformance.run;

import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.suite.ConformanceCase;
import dev.drover.conformance.suite.DriverConformance;

/**
 * The suite over a socket, with every call and message on the wire. What is repeated in several
 * states of a domain is shown on a running one alone: the runs in process have all of it, and the
 * transport does not know of states.
 */
abstract class SocketConformance extends DriverConformance {

  @Override
  protected boolean selects(ConformanceCase one) {
    return super.selects(one) && one.state().map(PowerState.RUNNING::equals).orElse(true);
  }
}
