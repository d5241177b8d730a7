package dev.drover.server.identity;

import dev.drover.spi.Caller;

/** Decides who may do what (R23). What it does not allow is denied. */
@FunctionalInterface
public interface PermissionPolicy {

  /**
   * Whether a caller has a permission.
   *
   * @param permission as an RPC's rule declares it, for example {@code domain.block.write}
   */
  boolean allows(Caller caller, String permission);
}
