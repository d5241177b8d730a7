package dev.drover.server.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.Set;

/** What spans tell beside their names. docs/tracing.md lists it. */
final class TraceAttributes {

  static final AttributeKey<String> RPC_SYSTEM = AttributeKey.stringKey("rpc.system");
  static final AttributeKey<String> RPC_METHOD = AttributeKey.stringKey("rpc.method");
  static final AttributeKey<String> RPC_CODE = AttributeKey.stringKey("rpc.response.status_code");
  static final AttributeKey<String> CALL = AttributeKey.stringKey("drover.call");
  static final AttributeKey<String> REASON = AttributeKey.stringKey("drover.reason");
  static final AttributeKey<String> URI = AttributeKey.stringKey("drover.uri");
  static final AttributeKey<String> DRIVER = AttributeKey.stringKey("drover.driver");
  static final AttributeKey<String> DOMAIN = AttributeKey.stringKey("drover.domain");
  static final AttributeKey<String> DOMAIN_UUID = AttributeKey.stringKey("drover.domain_uuid");
  static final AttributeKey<String> DISK = AttributeKey.stringKey("drover.disk");
  static final AttributeKey<String> JOB = AttributeKey.stringKey("drover.job");
  static final AttributeKey<String> JOB_STATE = AttributeKey.stringKey("drover.job_state");
  static final AttributeKey<String> STEP = AttributeKey.stringKey("drover.step");
  static final AttributeKey<String> OPERATION = AttributeKey.stringKey("drover.operation");
  static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("drover.outcome");

  /** Codes that say something of the daemon rather than of what it was asked for. */
  private static final Set<String> FAULTS =
      Set.of(
          "UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS");

  private TraceAttributes() {}

  /** Sets one that may be missing. */
  static void set(Span span, AttributeKey<String> key, String value) {
    if (!value.isEmpty()) {
      span.setAttribute(key, value);
    }
  }

  /** Sets the status that a call's code stands for. */
  static void status(Span span, String code, String reason) {
    if (FAULTS.contains(code)) {
      span.setStatus(StatusCode.ERROR, reason);
    }
  }
}
