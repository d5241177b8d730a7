package dev.drover.spi.error;

import dev.drover.v1.ErrorReason;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A failure with a stable reason. The message names the object and says what to do next; every
 * value in it that a program might need is in the metadata too. Whoever throws it has left nothing
 * half done.
 */
public final class DriverException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorReason reason;
  private final transient Map<String, String> metadata;

  private DriverException(
      ErrorReason reason, String message, Map<String, String> metadata, Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.metadata = metadata;
  }

  private DriverException(ErrorReason reason, String message, Map<String, String> metadata) {
    super(message);
    this.reason = reason;
    this.metadata = metadata;
  }

  /**
   * Makes a failure.
   *
   * @param metadata alternating keys and values
   */
  public static DriverException of(ErrorReason reason, String message, String... metadata) {
    return new DriverException(reason, message, pairs(metadata));
  }

  /**
   * Makes a failure with the exception behind it, which is for the daemon's log alone.
   *
   * @param metadata alternating keys and values
   */
  public static DriverException causedBy(
      Throwable cause, ErrorReason reason, String message, String... metadata) {
    return new DriverException(reason, message, pairs(metadata), cause);
  }

  /** The stable reason. */
  public ErrorReason reason() {
    return reason;
  }

  /** What the failure concerns, by the keys that {@link ErrorReason} documents. */
  public Map<String, String> metadata() {
    return metadata;
  }

  private static Map<String, String> pairs(String... alternating) {
    if (alternating.length % 2 != 0) {
      throw new IllegalArgumentException("metadata needs a value for each key");
    }
    Map<String, String> result = new LinkedHashMap<>();
    for (int i = 0; i < alternating.length; i += 2) {
      result.put(alternating[i], alternating[i + 1]);
    }
    return Map.copyOf(result);
  }
}
