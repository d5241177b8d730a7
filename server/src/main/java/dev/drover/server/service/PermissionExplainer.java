package dev.drover.server.service;

import dev.drover.server.access.Binding;
import dev.drover.server.access.DomainTraits;
import dev.drover.server.access.LivePolicy;
import dev.drover.server.access.Permission;
import dev.drover.server.guard.MethodRule;
import dev.drover.server.guard.RuleTable;
import dev.drover.spi.Domains;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ExplainPermissionRequest;
import dev.drover.v1.ExplainPermissionResponse;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import java.util.List;
import java.util.Optional;

/** Tells what the policy would say of a call (R23). */
public final class PermissionExplainer {

  private final LivePolicy policy;

  /** The table holds the rules of the very services that this object serves. */
  private final Provider<RuleTable> rules;

  /** Makes the explainer. */
  @Inject
  public PermissionExplainer(LivePolicy policy, Provider<RuleTable> rules) {
    this.policy = policy;
    this.rules = rules;
  }

  /**
   * Explains.
   *
   * @throws DriverException INVALID_ARGUMENT, DOMAIN_NOT_FOUND
   */
  ExplainPermissionResponse explain(ExplainPermissionRequest request, Domains domains) {
    MethodRule rule = rule(request.getMethod());
    Optional<DomainTraits> domain =
        request.hasDomain()
            ? Optional.of(DomainTraits.of(domains.get(request.getDomain())))
            : Optional.empty();
    Optional<Binding> binding =
        Permission.named(rule.permission())
            .flatMap(
                permission ->
                    policy.current().deciding(request.getPrincipal(), permission, domain));
    ExplainPermissionResponse.Builder answer =
        ExplainPermissionResponse.newBuilder()
            .setAllowed(binding.isPresent())
            .setMethod(rule.method())
            .setPermission(rule.permission())
            .setDetail(detail(request.getPrincipal(), rule, domain, binding));
    binding.ifPresent(
        found ->
            answer
                .setRole(found.role().name())
                .setLine(found.line())
                .setLimited(found.limit().isPresent()));
    return answer.build();
  }

  private MethodRule rule(String method) {
    List<MethodRule> meant = rules.get().endingWith(method);
    if (meant.size() != 1) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          meant.isEmpty()
              ? "method: this daemon serves no method \"%s\"".formatted(method)
              : "method: \"%s\" could be any of %s"
                  .formatted(
                      method, String.join(", ", meant.stream().map(MethodRule::method).toList())),
          "field",
          "method");
    }
    return meant.getFirst();
  }

  private static String detail(
      String principal, MethodRule rule, Optional<DomainTraits> domain, Optional<Binding> binding) {
    String call =
        rule.method() + domain.map(one -> " on the domain '" + one.name() + "'").orElse("");
    if (binding.isEmpty()) {
      return "%s may not call %s: no binding gives it a role with %s%s"
          .formatted(principal, call, rule.permission(), domain.isPresent() ? " there" : "");
    }
    Binding found = binding.get();
    if (found.line() == 0) {
      return "%s may call %s: it is root or the user the daemon runs as".formatted(principal, call);
    }
    return "%s may call %s%s: the binding in line %d of the policy gives it the role %s, which has %s"
        .formatted(
            principal,
            call,
            found.limit().isPresent() && domain.isEmpty() ? " on some domains" : "",
            found.line(),
            found.role().name(),
            rule.permission());
  }
}
