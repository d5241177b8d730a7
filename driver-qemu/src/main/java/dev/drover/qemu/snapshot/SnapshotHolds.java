package dev.drover.qemu.snapshot;

import dev.drover.qemu.domain.DomainEnd;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomainListener;
import dev.drover.qemu.memory.MemorySave;
import dev.drover.spi.store.Store;

/**
 * Keeps guests held whose memory is being taken by a snapshot that is not ended, and lets those go
 * whose snapshot is. It must hear of a QEMU before those do who let guests go that nobody claims: a
 * guest that ran on between the moment and the end of its snapshot could not be put back.
 */
public final class SnapshotHolds implements LiveDomainListener {

  private final SnapshotIntents intents;

  /** Looks at the intents in a store. */
  public SnapshotHolds(Store store) {
    this.intents = new SnapshotIntents(store);
  }

  @Override
  public void onAdopted(LiveDomain domain) {
    if (!domain.processors().heldFor(MemorySave.HOLDER)) {
      return;
    }
    if (intents.find(domain.uuid()).isPresent()) {
      domain.processors().claim(MemorySave.HOLDER);
    } else {
      MemorySave.settle(domain);
      MemorySave.letGo(domain);
    }
  }

  @Override
  public void onAnswering(LiveDomain domain) {
    onAdopted(domain);
  }

  @Override
  public void onEnded(LiveDomain domain, DomainEnd how) {
    // The hold has ended with the process.
  }
}
