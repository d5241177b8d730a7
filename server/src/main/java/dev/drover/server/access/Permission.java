package dev.drover.server.access;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Every permission there is (R23). Those that the API's rules declare are here, so that a policy
 * can be checked by name, and that each says what a binding limited to some domains makes of it.
 */
public enum Permission {
  /** Versions, capabilities and the host's size; health and reflection. */
  HOST_READ("host.read", Scope.COMMON),
  /** The daemon's own state: channels, and who may do what. */
  HOST_ADMIN("host.admin", Scope.HOST),
  /** Definitions and states of domains. */
  DOMAIN_READ("domain.read", Scope.DOMAIN),
  /** Definitions: to make, change and remove them. */
  DOMAIN_WRITE("domain.write", Scope.DOMAIN),
  /** Start, stop, pause and reset. */
  DOMAIN_POWER("domain.power", Scope.DOMAIN),
  /** Disks and their backing chains. */
  DOMAIN_BLOCK_READ("domain.block.read", Scope.DOMAIN),
  /** Block jobs, and repairs of chains. */
  DOMAIN_BLOCK_WRITE("domain.block.write", Scope.DOMAIN),
  /** Snapshots, to look at. */
  DOMAIN_SNAPSHOT_READ("domain.snapshot.read", Scope.DOMAIN),
  /** Snapshots: to make and delete them, and to go back to them. */
  DOMAIN_SNAPSHOT_WRITE("domain.snapshot.write", Scope.DOMAIN),
  /** Arguments of the hypervisor, which reach whatever its process reaches: no domain limits it. */
  DOMAIN_QEMU_ARGS("domain.qemu-args", Scope.HOST),
  /** Jobs, to look at, wait for and watch. */
  JOB_READ("job.read", Scope.DOMAIN),
  /** Jobs: to end, resume and slow them. */
  JOB_WRITE("job.write", Scope.DOMAIN),
  /** Events, of what may be read besides. */
  EVENT_READ("event.read", Scope.DOMAIN),
  /** Clock and faults of the test driver. */
  TESTING_CONTROL("testing.control", Scope.HOST);

  private static final Map<String, Permission> NAMED =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Permission::text, one -> one));

  private final String text;
  private final Scope scope;

  Permission(String text, Scope scope) {
    this.text = text;
    this.scope = scope;
  }

  /** What a binding that is limited to some domains gives of a permission. */
  public enum Scope {
    /** The permission on those domains. */
    DOMAIN,
    /** All of it: it shows no domain. */
    COMMON,
    /** Nothing: it would reach beyond them. */
    HOST
  }

  /** Its name, as rules and policies write it. */
  public String text() {
    return text;
  }

  /** What a limited binding gives of it. */
  public Scope scope() {
    return scope;
  }

  /** The permission of a name; empty: there is none. */
  public static Optional<Permission> named(String text) {
    return Optional.ofNullable(NAMED.get(text));
  }

  /**
   * The permissions that a role's entry means: one by its name, or those below {@code domain.*}.
   * The hypervisor's arguments are never meant by a star; who is to have them is named.
   *
   * @return empty where it means none
   */
  public static List<Permission> matching(String entry) {
    if (!entry.endsWith(".*")) {
      return named(entry).stream().toList();
    }
    String prefix = entry.substring(0, entry.length() - 1);
    return Arrays.stream(values())
        .filter(one -> one != DOMAIN_QEMU_ARGS && one.text.startsWith(prefix))
        .toList();
  }
}
