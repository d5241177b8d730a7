package dev.drover.server.access;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A named set of permissions.
 *
 * @param name its name
 * @param permissions what it gives
 */
public record Role(String name, Set<Permission> permissions) {

  private static final EnumSet<Permission> READS =
      EnumSet.of(
          Permission.HOST_READ,
          Permission.DOMAIN_READ,
          Permission.DOMAIN_BLOCK_READ,
          Permission.DOMAIN_SNAPSHOT_READ,
          Permission.JOB_READ,
          Permission.EVENT_READ);

  /** Looks at everything and changes nothing. */
  public static final Role VIEWER = new Role("viewer", READS);

  /** A viewer who also starts and stops domains, and ends jobs. */
  public static final Role OPERATOR =
      new Role("operator", and(Permission.DOMAIN_POWER, Permission.JOB_WRITE));

  /** A viewer who also makes snapshots, runs block jobs and ends them, as a backup program does. */
  public static final Role BACKUP =
      new Role(
          "backup",
          and(
              Permission.DOMAIN_SNAPSHOT_WRITE,
              Permission.DOMAIN_BLOCK_WRITE,
              Permission.JOB_WRITE));

  /** May do everything. */
  public static final Role ADMIN = new Role("admin", EnumSet.allOf(Permission.class));

  /** The roles that every daemon knows. */
  public static final List<Role> BUILT_IN = List.of(VIEWER, OPERATOR, BACKUP, ADMIN);

  /** Copies the set. */
  public Role {
    permissions = Set.copyOf(permissions);
  }

  private static Set<Permission> and(Permission first, Permission... more) {
    EnumSet<Permission> all = EnumSet.copyOf(READS);
    all.addAll(EnumSet.of(first, more));
    return all;
  }
}
