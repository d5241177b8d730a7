package dev.drover.spi.error;

import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;

/**
 * The failures of names that nothing has. They are made here alone, so that what is hidden from a
 * caller cannot be told from what is not there (R23).
 */
public final class NotFound {

  private NotFound() {}

  /** DOMAIN_NOT_FOUND for a reference. */
  public static DriverException domain(DomainRef ref) {
    return domain(
        switch (ref.getRefCase()) {
          case NAME -> ref.getName();
          case UUID -> ref.getUuid();
          case ID -> Integer.toUnsignedString(ref.getId());
          case REF_NOT_SET -> "";
        });
  }

  /** DOMAIN_NOT_FOUND for a name or uuid. */
  public static DriverException domain(String name) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND,
        "no domain '%s'; list the domains to see those there are".formatted(name),
        "domain",
        name);
  }

  /** JOB_NOT_FOUND for an id. */
  public static DriverException job(String id) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_NOT_FOUND,
        "no job has the id '%s'; list the jobs to see those on record".formatted(id),
        "job",
        id);
  }
}
