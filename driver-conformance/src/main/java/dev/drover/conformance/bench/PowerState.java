package dev.drover.conformance.bench;

import dev.drover.conformance.Fill;
import dev.drover.v1.DomainState;
import java.util.List;

/** States of a domain in which block operations must work alike (R15). */
public enum PowerState {
  /** Nothing runs; whatever is done to a disk is done to its files. */
  OFF,
  /** The guest's processors are held. */
  PAUSED,
  /** The guest's processors run. */
  RUNNING;

  /** What a guest can write in this state: nothing where there is no guest. */
  public List<Fill> guest(List<Fill> writes) {
    return switch (this) {
      case OFF -> List.of();
      case PAUSED, RUNNING -> writes;
    };
  }

  /** How a domain in this state is shown. */
  public DomainState shown() {
    return switch (this) {
      case OFF -> DomainState.DOMAIN_STATE_SHUT_OFF;
      case PAUSED -> DomainState.DOMAIN_STATE_PAUSED;
      case RUNNING -> DomainState.DOMAIN_STATE_RUNNING;
    };
  }
}
