package dev.drover.server.guard;

import dev.drover.server.access.Grant;
import dev.drover.server.access.PermissionPolicy;
import dev.drover.server.identity.CallerSource;
import dev.drover.spi.Caller;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import io.grpc.Attributes;
import io.grpc.Metadata;
import jakarta.inject.Inject;
import java.util.Optional;

/** The guards that need no request: identity, permission, read-only connection. */
public final class CallAdmission {

  private final CallerSource callers;
  private final RuleTable rules;
  private final PermissionPolicy policy;

  /** Makes the guards. */
  @Inject
  public CallAdmission(CallerSource callers, RuleTable rules, PermissionPolicy policy) {
    this.callers = callers;
    this.rules = rules;
    this.policy = policy;
  }

  /**
   * Who calls.
   *
   * @throws DriverException PERMISSION_DENIED where the transport does not prove anybody
   */
  Caller identify(Attributes transport) {
    return callers
        .identify(transport)
        .orElseThrow(
            () ->
                DriverException.of(
                    ErrorReason.ERROR_REASON_PERMISSION_DENIED,
                    "the connection does not prove who you are",
                    "principal",
                    ""));
  }

  /** Who the transport shows, for records; empty: nobody. */
  Optional<Caller> shown(Attributes transport) {
    return callers.shown(transport);
  }

  /** The rule of a method, for records; empty: it has none. */
  Optional<MethodRule> known(String method) {
    return rules.rule(method);
  }

  /**
   * The rule of a method.
   *
   * @throws DriverException METHOD_WITHOUT_RULE
   */
  MethodRule rule(String method) {
    return rules
        .rule(method)
        .orElseThrow(
            () ->
                DriverException.of(
                    ErrorReason.ERROR_REASON_METHOD_WITHOUT_RULE,
                    "the method " + method + " declares no permission and is denied to everybody",
                    "method",
                    method));
  }

  /**
   * Whether the caller may call: on any domain, where the method is about one. Which domain it is
   * about is not known before the request is read.
   *
   * @throws DriverException PERMISSION_DENIED
   */
  void permit(Caller caller, MethodRule rule) {
    if (policy.grant(caller, rule.permission()) instanceof Grant.Nothing) {
      throw Denial.of(caller, rule.permission());
    }
  }

  /**
   * Whether the connection may change something.
   *
   * @throws DriverException READ_ONLY_CONNECTION
   */
  void readOnly(Metadata headers, MethodRule rule) {
    if (ClientMetadata.readOnly(headers) && rule.mutates()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_READ_ONLY_CONNECTION,
          "the connection is read-only and "
              + rule.method()
              + " changes something; connect without drover-read-only",
          "method",
          rule.method());
    }
  }
}
