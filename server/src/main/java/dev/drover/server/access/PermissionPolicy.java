package dev.drover.server.access;

import dev.drover.spi.Caller;

/** Decides who may do what (R23). What it does not grant is denied. */
@FunctionalInterface
public interface PermissionPolicy {

  /**
   * How far a caller has a permission; asked anew for every decision, since the answer may change.
   *
   * @param permission as an RPC's rule declares it, for example {@code domain.block.write}
   */
  Grant grant(Caller caller, String permission);
}
