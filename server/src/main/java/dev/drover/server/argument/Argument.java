package dev.drover.server.argument;

import dev.drover.spi.block.PathLimits;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import java.util.UUID;
import java.util.regex.Pattern;

/** Conditions that fields of many requests share. */
final class Argument {

  /** Names of domains and snapshots, as {@code domain_spec.proto} documents them. */
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9_+][A-Za-z0-9._+-]{0,63}");

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final int REQUEST_ID_LENGTH = 64;
  private static final int GLOB_LENGTH = 256;
  private static final long MOST_MEBIBYTES = Long.MAX_VALUE >> 20;

  private Argument() {}

  /** A domain is named, in one of the three ways. */
  static void domain(DomainRef domain) {
    domain(domain, "domain");
  }

  /** A domain is named in a field. */
  static void domain(DomainRef domain, String field) {
    switch (domain.getRefCase()) {
      case NAME -> required(domain.getName(), field + ".name");
      case UUID -> uuid(domain.getUuid(), field + ".uuid");
      case ID -> {
        if (domain.getId() == 0) {
          throw invalid(field + ".id", "numbers of running domains begin with 1");
        }
      }
      case REF_NOT_SET ->
          throw invalid(field, "is required: set the name, the uuid or the id of the domain");
    }
  }

  /** A text is there. */
  static void required(String value, String field) {
    if (value.isEmpty()) {
      throw invalid(field, "is required");
    }
  }

  /** A message is there. */
  static void required(boolean present, String field) {
    if (!present) {
      throw invalid(field, "is required");
    }
  }

  /** A condition holds. */
  static void that(boolean holds, String field, String otherwise) {
    if (!holds) {
      throw invalid(field, otherwise);
    }
  }

  /** A pattern of names is no longer than any name needs. */
  static void glob(String value, String field) {
    that(value.length() <= GLOB_LENGTH, field, "must be at most " + GLOB_LENGTH + " characters");
  }

  /** A text is the 36-character form of a UUID. */
  static void uuid(String value, String field) {
    if (!isUuid(value)) {
      throw invalid(field, "must be a UUID in its 36-character form, not \"" + value + "\"");
    }
  }

  /** Whether a text is the 36-character form of a UUID. */
  static boolean isUuid(String value) {
    if (value.length() != 36) {
      return false;
    }
    try {
      return UUID.fromString(value).toString().equalsIgnoreCase(value);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** A job's id that a client made; empty where the daemon is to make one. */
  static void newJobId(String value) {
    if (!value.isEmpty() && !ID.matcher(value).matches()) {
      throw invalid("job_id", "must be at most 64 characters of A-Z a-z 0-9 . _ -");
    }
  }

  /** A client's id of a request; empty where there is none. */
  static void requestId(String value) {
    if (value.length() > REQUEST_ID_LENGTH) {
      throw invalid("request_id", "must be at most " + REQUEST_ID_LENGTH + " characters");
    }
    if (value.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw invalid("request_id", "must not hold spaces or control characters");
    }
  }

  /** A speed limit that fits into what drivers count in (A8, C14). */
  static void bandwidth(Bandwidth bandwidth) {
    switch (bandwidth.getLimitCase()) {
      case MEBIBYTES_PER_SECOND -> {
        if (Long.compareUnsigned(bandwidth.getMebibytesPerSecond(), MOST_MEBIBYTES) > 0) {
          throw tooFast(
              "bandwidth.mebibytes_per_second", bandwidth.getMebibytesPerSecond(), MOST_MEBIBYTES);
        }
      }
      case BYTES_PER_SECOND -> {
        if (bandwidth.getBytesPerSecond() < 0) {
          throw tooFast(
              "bandwidth.bytes_per_second", bandwidth.getBytesPerSecond(), Long.MAX_VALUE);
        }
      }
      case LIMIT_NOT_SET -> {}
    }
  }

  private static DriverException tooFast(String field, long value, long most) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_OUT_OF_RANGE,
        field + " = " + Long.toUnsignedString(value) + " overflows; the most is " + most,
        "field",
        field,
        "maximum",
        Long.toString(most));
  }

  /** A size of a page. */
  static void pageSize(int value) {
    if (value < 0) {
      throw invalid("page_size", "must not be negative; 0 means the default");
    }
  }

  /** An absolute path without anything that would mislead a reader of logs. */
  static void path(String value, String field) {
    required(value, field);
    boolean control = value.chars().anyMatch(c -> c < ' ' || c == 0x7f);
    if (!value.startsWith("/") || control) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
          field + " must be an absolute path without control characters",
          "path",
          value,
          "field",
          field);
    }
    PathLimits.excess(value)
        .ifPresent(
            why -> {
              throw DriverException.of(
                  ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
                  "%s is too long: %s".formatted(field, why),
                  "path",
                  value,
                  "field",
                  field);
            });
  }

  /** The failure of a field. */
  static DriverException invalid(String field, String problem) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT, field + " " + problem, "field", field);
  }
}
