package dev.drover.test.hypervisor;

import dev.drover.v1.DomainSpec;

/**
 * How a guest begins.
 *
 * @param spec what it runs as, which need not be the domain's definition
 * @param memory what it remembers; {@link #EMPTY} where it starts anew
 * @param paused whether its processors are held
 */
public record Beginning(DomainSpec spec, long memory, boolean paused) {

  /** The memory of a guest that has done nothing yet. */
  public static final long EMPTY = 0;

  /** A guest that starts anew. */
  public static Beginning anew(DomainSpec spec, boolean paused) {
    return new Beginning(spec, EMPTY, paused);
  }
}
