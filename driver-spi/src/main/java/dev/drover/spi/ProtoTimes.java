package dev.drover.spi;

import com.google.protobuf.Timestamp;
import java.time.Instant;

/** Converts between {@link Instant} and the API's timestamps. */
public final class ProtoTimes {

  private ProtoTimes() {}

  /** An instant as the API writes it. */
  public static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  /** A timestamp of the API as an instant. */
  public static Instant instant(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }
}
