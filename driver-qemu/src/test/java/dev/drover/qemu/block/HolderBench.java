package dev.drover.qemu.block;

import com.google.protobuf.ByteString;
import dev.drover.qemu.domain.GuestInterventions;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.domain.RuntimeRecord;
import dev.drover.qemu.domain.RuntimeRecords;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.block.Chain;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.snapshot.LostMoment;
import dev.drover.spi.snapshot.OwnedImage;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.store.MemoryStore;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Everything that can need an image, as the driver knows it, on files that are headers only. */
final class HolderBench implements AutoCloseable {

  private final AtomicReference<Runnable> whenAsked = new AtomicReference<>(() -> {});
  private final Store store = new Watched(new MemoryStore(), whenAsked);
  private final DomainBook domains = new DomainBook(store, InstantSource.system(), _ -> {});
  private final SnapshotBook snapshots = new SnapshotBook(store, InstantSource.system(), _ -> {});
  private final JobJournal journal = new JobJournal(store);
  private final LiveDomains live = new LiveDomains();
  private final ChainReader reader = new ChainReader(new ImagePaths(List.of()));
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private final ImageHolders holders =
      new ImageHolders(domains, snapshots, live, new NoOfflineHosts(), journal, reader);
  private final FileRemoval removal = new FileRemoval(holders);

  /** What is tested. */
  ImageHolders holders() {
    return holders;
  }

  /** What is tested. */
  FileRemoval removal() {
    return removal;
  }

  /** Runs something while it is being found out who needs a file. */
  void whenAsked(Runnable action) {
    whenAsked.set(action);
  }

  /** Defines a domain on an image. */
  void define(String name, Path active) {
    domains.define(spec(name, image(active), false), "");
  }

  /** Puts a snapshot of some domain on record. */
  void snapshot(String name, Path frozen, boolean deleting) {
    record(name, SnapshotDisk.newBuilder().setFrozen(image(frozen)), deleting);
  }

  /** Puts a snapshot of some domain on record that an image keeps inside itself. */
  void internalSnapshot(String name, Path inside) {
    record(name, SnapshotDisk.newBuilder().setInside(image(inside)), false);
  }

  private void record(String name, SnapshotDisk.Builder disk, boolean deleting) {
    Snapshot snapshot =
        Snapshot.newBuilder()
            .setName(name)
            .setDomainName("guest")
            .setDomainUuid(uuid("guest"))
            .setDeleting(deleting)
            .addDisks(disk.setTarget("vda"))
            .build();
    AtomicReference<SnapshotBook.Change> change = new AtomicReference<>();
    store.transact(transaction -> change.set(snapshots.add(transaction, snapshot)));
    snapshots.settle(change.get());
  }

  /** Marks a snapshot as one that has lost its state. */
  void lose(String name) {
    LostMoment moment = new LostMoment(uuid("guest"), "guest", name, "vda", "job");
    snapshots.change(transaction -> snapshots.lose(transaction, List.of(moment)));
  }

  /** Puts an image on record that was made for a snapshot or a revert of a domain. */
  void made(String domain, Path path) {
    store.transact(
        transaction ->
            snapshots
                .owned()
                .add(transaction, new OwnedImage(uuid(domain), "vda", image(path), "file")));
  }

  /** Lets a domain run on an image, which its definition may not know. */
  void run(String name, Path active, boolean readOnly) {
    Image source = image(active);
    Chain chain = reader.read(name, "vda", source);
    DomainSpec spec = spec(name, source, readOnly);
    RuntimeRecord record =
        new RuntimeRecord(
            RuntimeRecord.Phase.RUNNING,
            Domain.newBuilder()
                .setSpec(spec)
                .setStatus(DomainStatus.newBuilder().setId(1).setLiveSpec(spec))
                .build(),
            active.resolveSibling("run"),
            1,
            0,
            "",
            chain.images().size(),
            List.of(DiskGraph.opened("vda", "/machine/vda", chain, 0)),
            GuestInterventions.NONE);
    live.add(new LiveDomain(record, new RuntimeRecords(store), timers));
  }

  /** The commit of the first of these images into the last, which is not begun. */
  static JournalEntry commit(String id, Path... chain) {
    List<JournalImage> before =
        List.of(chain).stream()
            .map(
                path ->
                    new JournalImage(
                        path.toString(),
                        ImageFormat.IMAGE_FORMAT_QCOW2,
                        "node-" + path.getFileName(),
                        "file-" + path.getFileName(),
                        ""))
            .toList();
    return new JournalEntry(
        id,
        uuid("guest"),
        "vda",
        JournalStep.INTENT,
        new JobWork.ActiveCommit(before.getFirst().node(), before.getLast().node()),
        JobEnding.NONE,
        JobEnding.NONE,
        "filter",
        0,
        before,
        List.of(before.getLast()),
        List.of(),
        "",
        "",
        0,
        false);
  }

  /** Puts a job on record. */
  void write(JournalEntry entry) {
    store.transact(transaction -> journal.write(transaction, entry));
  }

  private static DomainSpec spec(String name, Image source, boolean readOnly) {
    return DomainSpec.newBuilder()
        .setUuid(uuid(name))
        .setName(name)
        .addDisks(Disk.newBuilder().setTarget("vda").setSource(source).setReadOnly(readOnly))
        .build();
  }

  /** The uuid of a domain of this name. */
  static String uuid(String name) {
    return "6a3c1a52-3a44-4f5c-9f0e-%012x".formatted(name.hashCode() & 0xffffffffL);
  }

  private static Image image(Path path) {
    return Image.newBuilder()
        .setPath(path.toString())
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }

  @Override
  public void close() {
    timers.shutdownNow();
  }

  /** Tells when unfinished jobs are asked for, which is while holders are looked for. */
  private record Watched(Store store, AtomicReference<Runnable> whenAsked) implements Store {
    @Override
    public void transact(Consumer<StoreTransaction> changes) {
      store.transact(changes);
    }

    @Override
    public Optional<ByteString> read(String collection, String key) {
      return store.read(collection, key);
    }

    @Override
    public List<StoreRecord> list(String collection) {
      if (collection.equals(JobJournal.COLLECTION)) {
        whenAsked.get().run();
      }
      return store.list(collection);
    }
  }
}
