package dev.drover.client.cli;

import dev.drover.client.JobHandle;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command on one snapshot of a domain: by name, or the current one. */
abstract class SnapshotVerb extends DomainVerb {
  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "SNAPSHOTNAME",
      description = "Name of the snapshot.")
  private Optional<String> name = Optional.empty();

  @Option(names = "--current", description = "The current snapshot, in place of a name.")
  private boolean current;

  SnapshotVerb(Session session) {
    super(session);
  }

  /** The snapshot's name; asks the daemon only where the current one is meant. */
  final String snapshotName() {
    exclusive("--snapshotname", name.isPresent(), "--current", current);
    return name.orElseGet(() -> currentOne().getName());
  }

  /** The snapshot that is meant. */
  final Snapshot snapshot() {
    exclusive("--snapshotname", name.isPresent(), "--current", current);
    return anySnapshot();
  }

  /** The same where --current beside a name has a meaning of its own. */
  final Snapshot anySnapshot() {
    return name.map(domain()::snapshot).orElseGet(this::currentOne);
  }

  /** Whether the one that is named is also to become the current one. */
  final boolean makesCurrent() {
    return current && name.isPresent();
  }

  private Snapshot currentOne() {
    if (!current) {
      throw new CommandFailure("--snapshotname or --current is required");
    }
    return requireCurrent(domain().currentSnapshot());
  }

  /** The snapshot as the person called it, for messages. */
  final String called() {
    return name.map("'%s'"::formatted).orElse("current");
  }

  /** Follows a job to its end and says how it ended; Ctrl-C leaves the job as it is. */
  final void follow(JobHandle job, String verb, String success) {
    JobWait wait = new JobWait(session(), job);
    Job ended = JobHandle.terminal(job.latest().getState()) ? job.latest() : wait.ended();
    wait.reportEnd(ended, verb, success);
  }
}
