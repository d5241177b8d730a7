package dev.drover.server.access;

import dev.drover.spi.Caller;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Roles bound to principals. The user the daemon runs as and root are bound to {@code admin}
 * whatever else is said: both could stop the daemon and read its files anyway.
 */
public final class RolePolicy implements PermissionPolicy {

  private static final Grant NOTHING = new Grant.Nothing();
  private static final Grant EVERYWHERE = new Grant.Everywhere();

  /** Principals whose grants are remembered; those beyond are worked out at every call. */
  private static final int REMEMBERED = 1024;

  private final List<Binding> bindings;
  private final Map<String, Map<Permission, Grant>> known = new ConcurrentHashMap<>();

  /**
   * Makes the policy of a daemon.
   *
   * @param owner numeric id of the user it runs as
   * @param bindings those of the file
   */
  public RolePolicy(long owner, List<Binding> bindings) {
    List<Binding> all = new ArrayList<>();
    all.add(
        new Binding(
            List.of(Glob.of("uid:0"), Glob.of("uid:" + owner)), Role.ADMIN, Optional.empty(), 0));
    all.addAll(bindings);
    this.bindings = List.copyOf(all);
  }

  @Override
  public Grant grant(Caller caller, String permission) {
    return Permission.named(permission)
        .map(named -> grants(caller.principal()).getOrDefault(named, NOTHING))
        .orElse(NOTHING);
  }

  /**
   * The binding that lets a principal do something: one without a limit where there is one, else
   * the first that covers the domain.
   *
   * @param domain the domain concerned; empty: none, or any
   */
  public Optional<Binding> deciding(
      String principal, Permission permission, Optional<DomainTraits> domain) {
    List<Binding> giving =
        bindings.stream()
            .filter(binding -> binding.binds(principal))
            .filter(binding -> binding.role().permissions().contains(permission))
            .filter(binding -> !(grant(binding, permission) instanceof Grant.Nothing))
            .toList();
    return giving.stream()
        .filter(binding -> grant(binding, permission) instanceof Grant.Everywhere)
        .findFirst()
        .or(
            () ->
                giving.stream()
                    .filter(binding -> domain.map(grant(binding, permission)::covers).orElse(true))
                    .findFirst());
  }

  private Map<Permission, Grant> grants(String principal) {
    Map<Permission, Grant> found = known.get(principal);
    if (found != null) {
      return found;
    }
    Map<Permission, Grant> made = new EnumMap<>(Permission.class);
    for (Binding binding : bindings) {
      if (binding.binds(principal)) {
        for (Permission permission : binding.role().permissions()) {
          made.merge(permission, grant(binding, permission), RolePolicy::together);
        }
      }
    }
    if (known.size() < REMEMBERED) {
      known.put(principal, made);
    }
    return made;
  }

  private static Grant grant(Binding binding, Permission permission) {
    return binding
        .limit()
        .map(
            limit ->
                switch (permission.scope()) {
                  case DOMAIN -> new Grant.Within(List.of(limit));
                  case COMMON -> EVERYWHERE;
                  case HOST -> NOTHING;
                })
        .orElse(EVERYWHERE);
  }

  private static Grant together(Grant one, Grant other) {
    return switch (one) {
      case Grant.Everywhere everywhere -> everywhere;
      case Grant.Nothing _ -> other;
      case Grant.Within within ->
          switch (other) {
            case Grant.Everywhere everywhere -> everywhere;
            case Grant.Nothing _ -> within;
            case Grant.Within more -> {
              List<DomainSelector> both = new ArrayList<>(within.domains());
              both.addAll(more.domains());
              yield new Grant.Within(both);
            }
          };
    };
  }
}
