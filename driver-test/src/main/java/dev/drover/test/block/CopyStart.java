package dev.drover.test.block;

import dev.drover.spi.CallContext;
import dev.drover.spi.block.Bandwidths;
import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.snapshot.MomentCopy;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.test.fault.FaultGate;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.EndCause;
import dev.drover.test.hypervisor.KnownChains;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.hypervisor.World;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.Job;
import dev.drover.v1.JobResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The copies that begin at the moment of a snapshot (G12): {@link #make} before the disks change
 * over, {@link #record} with them, {@link #begin} once they have. Closing it takes back what was
 * not recorded. Under the {@link dev.drover.test.clock.WorldLock}.
 */
public final class CopyStart implements AutoCloseable {

  private final World world;
  private final Machines machines;
  private final JobEngine engine;
  private final Optional<Machine> machine;
  private final List<Copy> copies = new ArrayList<>();
  private final List<JobTask> tasks = new ArrayList<>();
  private boolean recorded;

  private record Copy(MomentCopy wish, OpenDisk disk, JobStart.Copy start, Job draft) {}

  CopyStart(World world, Machines machines, JobEngine engine, Optional<Machine> machine) {
    this.world = world;
    this.machines = machines;
    this.engine = engine;
    this.machine = machine;
  }

  /** Plans one copy; nothing is touched. */
  void plan(Domain domain, MomentCopy wish) {
    String target = wish.part().target();
    OpenDisk disk =
        machine
            .flatMap(guest -> guest.disk(target))
            .orElseGet(
                () ->
                    world
                        .disks()
                        .open(
                            domain.getSpec().getUuid(),
                            domain.getSpec().getName(),
                            disk(domain, target)));
    boolean planned = false;
    try {
      Chain chain = wish.chain(disk.chain());
      JobStart.Copy start = JobStart.Copy.of(world, disk, chain, wish.request());
      copies.add(new Copy(wish, disk, start, draft(domain, chain, start, wish)));
      planned = true;
    } finally {
      if (!planned) {
        release(disk);
      }
    }
  }

  private static Disk disk(Domain domain, String target) {
    return KnownChains.current(domain).getDisksList().stream()
        .filter(disk -> disk.getTarget().equals(target))
        .findFirst()
        .orElseThrow();
  }

  private static Job draft(Domain domain, Chain chain, JobStart start, MomentCopy wish) {
    return Job.newBuilder()
        .setKind(start.kind())
        .setDomainName(domain.getSpec().getName())
        .setDomainUuid(domain.getSpec().getUuid())
        .setDisk(chain.disk())
        .setSpeedBytesPerSecond(Bandwidths.bytesPerSecond(wish.request().getBandwidth()))
        .setCompletion(start.completion())
        .setRequest(start.request())
        .setResult(
            JobResult.newBuilder()
                .addAllChainBefore(chain.images())
                .addAllChainAfter(chain.images()))
        .build();
  }

  /** The jobs as they would be, without ids. */
  public List<Job> drafts() {
    return copies.stream().map(Copy::draft).toList();
  }

  /** The disks of a shut-off domain, which the copies have open. */
  public Optional<OpenDisk> disk(String target) {
    return copies.stream().map(Copy::disk).filter(disk -> disk.target().equals(target)).findFirst();
  }

  /**
   * Makes or opens the destinations.
   *
   * @throws DriverException what keeps one from being used
   */
  public void make(CallContext call) {
    for (Copy copy : copies) {
      tasks.add(copy.start().prepare(call, copy.disk()));
    }
  }

  /**
   * Records the jobs.
   *
   * @param change runs the transaction that enters the snapshot, and calls back within it
   */
  public void record(Consumer<Consumer<StoreTransaction>> change) {
    var _ =
        world
            .jobs()
            .beginWithin(
                copies.stream()
                    .map(copy -> new JobBook.Beginning(copy.wish().origin(), copy.draft()))
                    .toList(),
                change);
    recorded = true;
  }

  /** Begins the jobs; what goes wrong is the end of the job that it concerns. */
  public List<Job> begin(CallContext call) {
    List<JobRun> runs = new ArrayList<>();
    for (int i = 0; i < copies.size(); i++) {
      Copy copy = copies.get(i);
      runs.add(
          new JobRun(
              copy.wish().origin().jobId(),
              copy.disk(),
              machine,
              tasks.get(i),
              /* delete= */ false,
              copy.draft().getSpeedBytesPerSecond(),
              world.pace(),
              world.clock().now()));
    }
    List<Job> begun = new ArrayList<>();
    for (JobRun run : runs) {
      begun.add(begin(call, run));
    }
    return begun;
  }

  private Job begin(CallContext call, JobRun run) {
    try {
      if (world.gate().pass(call, FaultStep.JOB_START.id()) == FaultGate.Passage.CRASH) {
        machine.ifPresent(guest -> machines.end(guest, EndCause.CRASHED));
        return engine.failToBegin(run, JobFailures.lost(run));
      }
      if (machine.filter(guest -> !machines.alive(guest)).isPresent()) {
        return engine.failToBegin(run, JobFailures.lost(run));
      }
      return engine.begin(run);
    } catch (DriverException e) {
      return engine.failToBegin(run, e);
    }
  }

  @Override
  public void close() {
    if (recorded) {
      return;
    }
    for (Copy copy : copies) {
      copy.start().undo();
      release(copy.disk());
    }
  }

  private void release(OpenDisk disk) {
    world.disks().disclaim(disk);
    if (machine.isEmpty()) {
      world.disks().close(disk);
    }
  }
}
