package dev.drover.spi.snapshot;

import com.google.protobuf.ByteString;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;

/**
 * The durable register of domains whose snapshots outlive their definition, for a later one with
 * the same uuid (R9). The records themselves stay where they are, so that the images which they
 * need count as needed.
 */
public final class KeptSnapshots {

  private static final String COLLECTION = "kept-snapshots";

  private final Store store;

  KeptSnapshots(Store store) {
    this.store = store;
  }

  /** Whether the records of a domain's snapshots outlive it. */
  public boolean has(String domainUuid) {
    return store.read(COLLECTION, domainUuid).isPresent();
  }

  /** Notes that they do, in the step that forgets the definition. */
  public void keep(StoreTransaction transaction, String domainUuid) {
    transaction.put(COLLECTION, domainUuid, ByteString.EMPTY);
  }

  /** Notes that a definition has them again, or that they are gone. */
  public void end(StoreTransaction transaction, String domainUuid) {
    transaction.delete(COLLECTION, domainUuid);
  }

  /**
   * Refuses a transient domain, at whose end the records would be forgotten.
   *
   * @throws DriverException DOMAIN_HAS_SNAPSHOTS
   */
  public void requireNone(DomainSpec spec) {
    if (has(spec.getUuid())) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_HAS_SNAPSHOTS,
          "records of snapshots were kept for uuid %s, which a transient domain cannot have; define domain '%s', or choose another uuid"
              .formatted(spec.getUuid(), spec.getName()),
          "domain",
          spec.getName());
    }
  }
}
