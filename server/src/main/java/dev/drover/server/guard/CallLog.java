package dev.drover.server.guard;

import com.google.protobuf.Message;
import dev.drover.server.tracing.CallTrace;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Log lines of calls: one with all arguments when a call begins (A7), one with the result when it
 * ends. Calls that only read are told at debug.
 */
final class CallLog {

  private static final Logger log = LoggerFactory.getLogger("dev.drover.call");

  private static final String CALL = "call";

  private CallLog() {}

  static void began(CallRecord call, MethodRule rule, Message request) {
    LoggingEventBuilder line = rule.mutates() ? log.atInfo() : log.atDebug();
    if (rule.mutates() ? log.isInfoEnabled() : log.isDebugEnabled()) {
      line.addKeyValue("principal", call.caller().principal())
          .addKeyValue("uri", call.uri())
          .log("{} {{}}", call.method(), RequestText.of(request));
    }
  }

  static void ended(CallRecord call, String result, Duration duration) {
    LoggingEventBuilder line = call.mutates() ? log.atInfo() : log.atDebug();
    try (Mark _ = mark(call)) {
      line.addKeyValue("result", result)
          .addKeyValue("ms", duration.toMillis())
          .log("{} ended", call.method());
    }
  }

  /**
   * Marks every line that the current thread logs until the mark is closed with what the call is
   * about.
   */
  static Mark mark(CallRecord call) {
    if (call.callId().equals(MDC.get(CALL))) {
      return () -> {};
    }
    Map<String, String> parts = call.subject().parts();
    MDC.put(CALL, call.callId());
    if (!call.trace().traceId().isEmpty()) {
      MDC.put(CallTrace.MARK, call.trace().traceId());
    }
    parts.forEach(MDC::put);
    return () -> {
      MDC.remove(CALL);
      MDC.remove(CallTrace.MARK);
      parts.keySet().forEach(MDC::remove);
    };
  }

  /** A mark on the lines of a thread. */
  @FunctionalInterface
  interface Mark extends AutoCloseable {
    @Override
    void close();
  }
}
