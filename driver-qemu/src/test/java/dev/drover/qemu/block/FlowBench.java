package dev.drover.qemu.block;

import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.process.ToolMark;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.CommitPlan;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.snapshot.CommitAftermath;
import dev.drover.spi.snapshot.OverwrittenDisks;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** A commit on a chain of image headers, run against a {@link FakeHost} turn by turn. */
final class FlowBench {

  private final Registers registers;
  private final HeaderImages images;
  private final FakeHost host;
  private final JobRecord record;
  private final JobFlow flow;

  /** What jobs of one driver share. */
  static final class Registers {
    final StrikingStore store = new StrikingStore(new MemoryStore());
    final JobBook book = new JobBook(store, InstantSource.system(), _ -> {});
    final DomainBook domains = new DomainBook(store, InstantSource.system(), _ -> {});
    final JobJournal journal = new JobJournal(store);
    final SnapshotBook snapshots = new SnapshotBook(store, InstantSource.system(), _ -> {});
    final GroupEnds groups;

    /** Makes empty ones; a common end is given up this long after its guest was held. */
    Registers(Duration groupLimit) {
      groups = new GroupEnds(book, journal, groupLimit);
    }
  }

  FlowBench(Path directory, BlockCommitRequest request) {
    this(directory, request, true);
  }

  /** A commit of a domain that runs, or does not. */
  FlowBench(Path directory, BlockCommitRequest request, boolean running) {
    this(new Registers(GroupEnd.LIMIT), directory, request, "1", "vda", running);
  }

  /** A commit of one disk among those of its domain. */
  FlowBench(
      Registers registers, Path directory, BlockCommitRequest request, String id, String disk) {
    this(registers, directory, request, id, disk, true);
  }

  private FlowBench(
      Registers registers,
      Path directory,
      BlockCommitRequest request,
      String id,
      String disk,
      boolean running) {
    this.registers = registers;
    this.images = new HeaderImages(directory);
    ChainReader reader = new ChainReader(new ImagePaths(List.of()));
    Chain chain = reader.read("guest", disk, images.image("active"));
    DiskGraph graph =
        new DiskGraph(
            disk,
            "/machine/" + disk,
            chain.images().stream()
                .map(image -> ImageNode.named(image, disk + "-" + (image.getIndex() + 1)))
                .toList());
    DomainSpec.Builder spec =
        registers
            .domains
            .find(BlockBench.UUID)
            .map(Domain::getSpec)
            .orElse(DomainSpec.newBuilder().setUuid(BlockBench.UUID).setName("guest").build())
            .toBuilder();
    registers.domains.define(
        spec.addDisks(Disk.newBuilder().setTarget(disk).setSource(images.image("active"))).build(),
        "");
    this.host = new FakeHost(graph, id, running);
    BlockCommitRequest named =
        request.hasTop()
            ? request.toBuilder().setTop(images.path(request.getTop()).toString()).build()
            : request;
    JobDraft draft =
        new JobDrafts(host, graph, chain, id, false)
            .commit(
                CommitPlan.of(chain, named, running),
                named,
                new OverwrittenDisks(registers.domains, new HostImages(reader)));
    CallContext call =
        new CallContext(new Caller("uid:1000", "test"), "call", Instant.MAX, () -> false);
    registers.book.begin(
        JobOrigin.of(call, named, id, ""),
        draft.job(),
        transaction -> registers.journal.write(transaction, draft.entry()));
    this.record = new JobRecord(registers.book, registers.journal, draft.entry());
    CommitAftermath aftermath =
        new CommitAftermath(registers.snapshots, registers.store, new HostImages(reader));
    ImageHolders holders =
        new ImageHolders(
            registers.domains,
            registers.snapshots,
            new LiveDomains(),
            new NoOfflineHosts(),
            registers.journal,
            reader);
    FlowTools tools =
        new FlowTools(
            new Definitions(registers.domains, aftermath),
            new JobEnds(new FileRemoval(holders), aftermath),
            reader,
            new ImageTool(
                Path.of("qemu-img"), ToolMark.of(Path.of("/none")), new ImagePaths(List.of())),
            registers.groups,
            Activities.UNOBSERVED);
    this.flow =
        switch (record.entry().work()) {
          case JobWork.OnePhase work -> new OnePhaseFlow(record, work, tools);
          case JobWork.TwoPhase work -> new TwoPhaseFlow(record, work, tools);
        };
  }

  /** One turn that sees the job in this state. */
  boolean sees(JobStatus status) {
    return sees(status, "");
  }

  /** One turn that sees the job in this state, with an error. */
  boolean sees(JobStatus status, String error) {
    return flow.turn(host, host.job(record.monitorId(), status, error));
  }

  /** One turn in which QEMU does not know the job. */
  boolean seesNothing() {
    return flow.turn(host, Optional.empty());
  }

  FakeHost host() {
    return host;
  }

  StrikingStore store() {
    return registers.store;
  }

  HeaderImages images() {
    return images;
  }

  JobFlow flow() {
    return flow;
  }

  JobRecord record() {
    return record;
  }

  JournalEntry entry() {
    return record.entry();
  }

  JobBook book() {
    return registers.book;
  }

  Job job() {
    return registers.book.require(record.id());
  }

  JobState state() {
    return job().getState();
  }

  /** Enters a snapshot of the disk that an image of the chain holds, called as the image. */
  void snapshot(String image) {
    registers.snapshots.change(
        transaction ->
            registers.snapshots.add(
                transaction,
                Snapshot.newBuilder()
                    .setName(image)
                    .setDomainUuid(BlockBench.UUID)
                    .setDomainName("guest")
                    .addDisks(
                        SnapshotDisk.newBuilder()
                            .setTarget(record.entry().disk())
                            .setFrozen(images.image(image)))
                    .build()));
  }

  /** Names of the snapshots that have lost their state, as the store has them. */
  List<String> lost() {
    return stored().listAll().stream()
        .filter(snapshot -> snapshot.getDisks(0).getStateLost())
        .map(Snapshot::getName)
        .sorted()
        .toList();
  }

  /** File name of the image that holds a snapshot, as the store has it. */
  String frozen(String snapshot) {
    Image image = stored().require(BlockBench.UUID, "guest", snapshot).getDisks(0).getFrozen();
    return String.valueOf(Path.of(image.getPath()).getFileName());
  }

  private SnapshotBook stored() {
    return new SnapshotBook(registers.store, InstantSource.system(), _ -> {});
  }

  /** File name of the active image as the definition has it. */
  String definedActive() {
    return String.valueOf(Path.of(source()).getFileName());
  }

  private String source() {
    return registers.domains.require(BlockBench.UUID).getSpec().getDisksList().stream()
        .filter(disk -> disk.getTarget().equals(record.entry().disk()))
        .findFirst()
        .orElseThrow()
        .getSource()
        .getPath();
  }
}
