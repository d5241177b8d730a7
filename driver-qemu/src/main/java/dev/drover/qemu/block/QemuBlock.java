package dev.drover.qemu.block;

import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.ImageDevices;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.spi.DriverContext;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.queue.JobQueue;
import dev.drover.spi.snapshot.CommitAftermath;
import dev.drover.spi.snapshot.OverwrittenDisks;
import dev.drover.spi.snapshot.SnapshotBook;
import java.util.concurrent.TimeUnit;

/**
 * Puts the block side of the driver together.
 *
 * @param blockJobs the facet for disks and the start of jobs
 * @param jobs the facet for jobs
 * @param queue where jobs wait for a place; {@link JobQueue#recover} is to be called once the jobs
 *     under way are taken up, and {@link JobQueue#close} at the end
 * @param chainRepairs the facet for the comparison and repair of chains
 * @param groups the facet for jobs that end together
 * @param momentCopies copies that begin with a snapshot
 * @param disks disks and chains of domains
 * @param removal what unlinks files that nobody needs any more
 * @param holders who needs an image, or writes to it
 * @param opening what proves that a process has opened the images that were checked
 * @param workers the jobs under way; it hears of live domains, {@link JobWorkers#recover} is to be
 *     called once those that still run are known, and {@link JobWorkers#close} at the end
 */
public record QemuBlock(
    QemuBlockJobs blockJobs,
    QemuJobs jobs,
    JobQueue queue,
    QemuChainRepairs chainRepairs,
    QemuJobGroups groups,
    MomentCopies momentCopies,
    LiveDisks disks,
    FileRemoval removal,
    ImageHolders holders,
    OpeningCheck opening,
    JobWorkers workers) {

  /** Makes the facets on the driver's registers. */
  public static QemuBlock of(
      DriverContext context,
      DomainBook domains,
      DomainLanes lanes,
      JobBook book,
      SnapshotBook snapshots,
      LiveDomains live,
      OfflineHosts offline,
      ImagePaths paths,
      OpeningCheck opening,
      ImageTool tool) {
    ChainReader reader = new ChainReader(paths);
    ChainReader ofOthers = reader.briefly();
    JobJournal journal = new JobJournal(context.store());
    ImageHolders holders = new ImageHolders(domains, snapshots, live, offline, journal, ofOthers);
    FileRemoval removal = new FileRemoval(holders);
    GroupEnds groups = new GroupEnds(book, journal, GroupEnd.LIMIT);
    CommitAftermath aftermath =
        new CommitAftermath(snapshots, context.store(), new HostImages(ofOthers));
    JobEnds ends = new JobEnds(removal, aftermath);
    FlowTools tools =
        new FlowTools(
            new Definitions(domains, aftermath), ends, reader, tool, groups, context.activities());
    JobWorkers workers =
        new JobWorkers(book, journal, live, offline, context.clock(), context.blocking(), tools);
    live.addListener(workers);
    CopyDestinations destinations = new CopyDestinations(paths, reader, tool, holders, opening);
    LiveDisks disks = new LiveDisks(domains, live, offline, reader);
    ForeignJobs foreign = new ForeignJobs(journal);
    QemuJobs jobs = new QemuJobs(book, workers, groups, live, holders);
    QemuBlockJobs blockJobs =
        new QemuBlockJobs(
            disks,
            book,
            lanes,
            foreign,
            new JobStart(
                book, journal, workers, destinations, removal, opening, context.activities()),
            destinations,
            holders,
            new OverwrittenDisks(domains, new HostImages(ofOthers)),
            offline,
            context.clock());
    return new QemuBlock(
        blockJobs,
        jobs,
        new JobQueue(
            book,
            blockJobs,
            context.limits(),
            new ImageDevices(),
            context.clock(),
            context.blocking(),
            (delay, work) -> {
              var _ = context.timers().schedule(work, delay.toNanos(), TimeUnit.NANOSECONDS);
            }),
        new QemuChainRepairs(
            disks,
            live,
            book,
            lanes,
            new ChainViewReader(book, journal, foreign, reader),
            new ChainRepairSteps(domains, tool, opening),
            context.clock()),
        new QemuJobGroups(book, jobs),
        new MomentCopies(
            disks,
            book,
            journal,
            workers,
            destinations,
            holders,
            offline,
            foreign,
            removal,
            ends,
            opening),
        disks,
        removal,
        holders,
        opening,
        workers);
  }
}
