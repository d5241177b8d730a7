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
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.CommitPlan;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** A commit on a chain of image headers, run against a {@link FakeHost} turn by turn. */
final class FlowBench {

  private final StrikingStore store = new StrikingStore(new MemoryStore());
  private final JobBook book = new JobBook(store, InstantSource.system(), _ -> {});
  private final DomainBook domains = new DomainBook(store, InstantSource.system(), _ -> {});
  private final HeaderImages images;
  private final FakeHost host;
  private final JobRecord record;
  private final JobFlow flow;

  /** A commit of a running domain. */
  FlowBench(Path directory, BlockCommitRequest request) {
    this(directory, request, true);
  }

  /** A commit of a domain that runs, or does not. */
  FlowBench(Path directory, BlockCommitRequest request, boolean running) {
    this.images = new HeaderImages(directory);
    ChainReader reader = new ChainReader(new ImagePaths(List.of()));
    Chain chain = reader.read("guest", "vda", images.image("active"));
    DiskGraph graph =
        new DiskGraph(
            "vda",
            "/machine/vda",
            chain.images().stream()
                .map(image -> ImageNode.named(image, "vda-" + (image.getIndex() + 1)))
                .toList());
    domains.define(
        DomainSpec.newBuilder()
            .setUuid(BlockBench.UUID)
            .setName("guest")
            .addDisks(Disk.newBuilder().setTarget("vda").setSource(images.image("active")))
            .build(),
        "");
    this.host = new FakeHost(graph, running);
    BlockCommitRequest named =
        request.hasTop()
            ? request.toBuilder().setTop(images.path(request.getTop()).toString()).build()
            : request;
    JobDraft draft =
        new JobDrafts(host, graph, chain, "1").commit(CommitPlan.of(chain, named, running), named);
    JobJournal journal = new JobJournal(store);
    CallContext call =
        new CallContext(new Caller("uid:1000", "test"), "call", Instant.MAX, () -> false);
    book.begin(
        JobOrigin.of(call, named, "1", ""),
        draft.job(),
        transaction -> journal.write(transaction, draft.entry()));
    this.record = new JobRecord(book, journal, draft.entry());
    FlowTools tools =
        new FlowTools(
            new Definitions(domains),
            new JobEnds(
                new FileRemoval(
                    new ImageHolders(
                        domains,
                        new SnapshotBook(store, InstantSource.system(), _ -> {}),
                        new LiveDomains(),
                        new NoOfflineHosts(),
                        journal,
                        reader))),
            reader,
            new ImageTool(Path.of("qemu-img")));
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
    return flow.turn(host, host.job("job-1", status, error));
  }

  /** One turn in which QEMU does not know the job. */
  boolean seesNothing() {
    return flow.turn(host, Optional.empty());
  }

  FakeHost host() {
    return host;
  }

  StrikingStore store() {
    return store;
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
    return book;
  }

  Job job() {
    return book.require("1");
  }

  JobState state() {
    return job().getState();
  }

  /** File name of the active image as the definition has it. */
  String definedActive() {
    return String.valueOf(
        Path.of(domains.require(BlockBench.UUID).getSpec().getDisks(0).getSource().getPath())
            .getFileName());
  }
}
