package dev.drover.qemu.snapshot;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.Restoration;
import dev.drover.qemu.memory.MemoryLoad;
import dev.drover.qemu.memory.MemorySave;
import dev.drover.spi.CallContext;
import dev.drover.spi.DriverContext;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.snapshot.MemoryPlan;
import dev.drover.spi.snapshot.OwnedImage;
import dev.drover.spi.snapshot.RestoredMoment;
import dev.drover.spi.snapshot.SnapshotFiles;
import dev.drover.spi.snapshot.SnapshotPlan;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory of snapshots. It is taken first, with the guest held or at last held, and the disks
 * move when it is complete and on record; the guest goes on when the snapshot is entered, or has
 * been taken back. So memory and disks are of one moment, and as long as the memory is not complete
 * nothing of the disks has changed (libvirt takes them in the same order).
 */
final class SnapshotMemories {

  private static final Logger logger = LoggerFactory.getLogger(SnapshotMemories.class);

  /** With which QEMU begins what it writes: "QEVM". */
  private static final int MAGIC = 0x5145564d;

  private final MemorySave save;
  private final MemoryLoad load;
  private final SnapshotIntents intents;

  SnapshotMemories(DriverContext context, SnapshotIntents intents) {
    this.save = new MemorySave(context.blocking(), context.clock());
    this.load = new MemoryLoad(context.blocking());
    this.intents = intents;
  }

  /**
   * The record with the memory that is going to be taken, where that is asked for.
   *
   * @throws DriverException as {@link MemoryPlan#of}, and DOMAIN_STATE_INVALID
   */
  Snapshot planned(
      Snapshot draft,
      Domain domain,
      Optional<LiveDomain> live,
      SnapshotPlan disks,
      CreateSnapshotRequest request,
      SnapshotFiles files) {
    Optional<SnapshotMemory> memory = MemoryPlan.of(domain, disks, request, files);
    if (memory.isEmpty() || live.isEmpty()) {
      return draft;
    }
    MemorySave.requireTakeable(live.get());
    return draft.toBuilder()
        .setMemory(memory.get())
        .setDomainSpec(MemorySave.resolved(live.get(), draft.getDomainSpec()))
        .build();
  }

  /**
   * What was taken.
   *
   * @param intent with the memory, where there is some
   * @param stopped when the guest was stopped for it, where it ran
   */
  record Taken(CreateIntent intent, Optional<Instant> stopped) {}

  /**
   * Takes the memory of a snapshot that has some, and records that it is complete. The guest is
   * held then; {@link #letGo} ends that.
   *
   * @param holdAfter how long the guest may run on meanwhile; empty: it is held from the beginning
   * @throws DriverException as {@link MemorySave#save}
   */
  Taken take(CallContext call, LiveDomain live, CreateIntent intent, Optional<Duration> holdAfter) {
    if (!intent.snapshot().hasMemory()) {
      return new Taken(intent, Optional.empty());
    }
    MemorySave.Saved saved = save.save(call, live, path(intent), holdAfter);
    CreateIntent taken = intent.withMemoryOf(saved.bytes());
    intents.put(taken);
    return new Taken(taken, saved.stopped());
  }

  /**
   * Ends what goes on in QEMU for the memory of a snapshot that is entered or taken back.
   *
   * @throws DriverException what a monitor command raises
   */
  void settle(CreateIntent intent, LiveDomain live) {
    if (intent.snapshot().hasMemory()) {
      MemorySave.settle(live);
    }
  }

  /** Lets the guest go on. What prevents that is logged: the hold ends when QEMU answers. */
  void letGo(CreateIntent intent, LiveDomain live) {
    if (!intent.snapshot().hasMemory()) {
      return;
    }
    try {
      MemorySave.settle(live);
      MemorySave.letGo(live);
    } catch (DriverException e) {
      logger.warn("Domain {}: the guest stays held until its hypervisor answers", live.name(), e);
    }
  }

  /** The file, as the register of images that were made names it. */
  static Optional<OwnedImage> owned(CreateIntent intent) {
    return intent.snapshot().hasMemory()
        ? OverlayFiles.identity(path(intent).toString())
            .map(
                identity ->
                    MemoryPlan.owned(intent.domainUuid(), path(intent).toString(), identity))
        : Optional.empty();
  }

  /** Removes the file of a snapshot that did not come about; one of somebody else stays (G11). */
  void remove(CreateIntent intent) {
    if (!intent.snapshot().hasMemory()) {
      return;
    }
    Path file = path(intent);
    try {
      if (isOurs(file)) {
        Files.delete(file);
      }
    } catch (NoSuchFileException e) {
      logger.debug("Memory file {} was not made", file, e);
    } catch (IOException e) {
      logger.warn("Cannot remove memory file {}", file, e);
    }
  }

  private static boolean isOurs(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      ByteBuffer head = ByteBuffer.allocate(Integer.BYTES);
      int read = channel.read(head);
      return read <= 0 || (read == Integer.BYTES && head.getInt(0) == MAGIC);
    }
  }

  /** How a QEMU begins whose guest goes on from a moment. */
  Restoration restoration(RestoredMoment moment) {
    Path file = Path.of(moment.memory().getPath());
    return new Restoration(moment.spec(), true, live -> load.load(live, file));
  }

  private static Path path(CreateIntent intent) {
    return Path.of(intent.snapshot().getMemory().getPath());
  }
}
