package dev.drover.server.tracing;

import io.opentelemetry.sdk.trace.IdGenerator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Supplier;

/**
 * Ids of spans: random, save those of jobs. A job's follows from its id and its trace, so that
 * every daemon that works on the job puts what it does below the same span, which is sent once the
 * job has ended, by whichever daemon sees that.
 */
final class SpanIds implements IdGenerator {

  private static final ScopedValue<String> CHOSEN = ScopedValue.newInstance();
  private static final int SPAN_ID_BYTES = 8;

  private final IdGenerator random = IdGenerator.random();

  @Override
  public String generateSpanId() {
    return CHOSEN.isBound() ? CHOSEN.get() : random.generateSpanId();
  }

  @Override
  public String generateTraceId() {
    return random.generateTraceId();
  }

  /** Id of the span that a job has in a trace. */
  static String ofJob(String traceId, String jobId) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest((traceId + "/" + jobId).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, SPAN_ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Begins a span that has this id. */
  static <T> T withId(String spanId, Supplier<T> begin) {
    return ScopedValue.where(CHOSEN, spanId).call(begin::get);
  }
}
