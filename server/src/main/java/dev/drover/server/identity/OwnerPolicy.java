package dev.drover.server.identity;

import dev.drover.spi.Caller;
import java.util.Set;

/**
 * Grants everything to the user the daemon runs as and to root, and nothing to anybody else: both
 * could stop the daemon and read its files anyway.
 */
public final class OwnerPolicy implements PermissionPolicy {

  private final Set<String> owners;

  /**
   * Makes the policy of a daemon.
   *
   * @param owner numeric id of the user it runs as
   */
  public OwnerPolicy(long owner) {
    owners = owner == 0 ? Set.of("uid:0") : Set.of("uid:0", "uid:" + owner);
  }

  @Override
  public boolean allows(Caller caller, String permission) {
    return owners.contains(caller.principal());
  }
}
