package dev.drover.qemu.block;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.qmp.JobInfo;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds jobs that somebody has started in QEMU past the daemon: the journal does not know them. */
final class ForeignJobs {

  private final JobJournal journal;

  ForeignJobs(JobJournal journal) {
    this.journal = journal;
  }

  /**
   * Those on a disk, as QEMU calls them.
   *
   * @throws QmpException where QEMU did not answer
   */
  List<String> on(BlockHost host, String target) {
    List<String> unknown = unknown(host);
    if (unknown.isEmpty()) {
      return unknown;
    }
    Optional<LiveGraph> graph = LiveGraph.of(host);
    Optional<String> root = host.deviceNode(target);
    // Where the graph does not tell whose job it is, it may be one on this disk.
    return graph.isEmpty() || root.isEmpty()
        ? unknown
        : unknown.stream().filter(job -> graph.get().jobUses(job, root.get())).toList();
  }

  /**
   * Refuses to start a job on a disk that such a job works on: QEMU would refuse it without naming
   * the other one.
   *
   * @throws DriverException HYPERVISOR_REFUSED
   */
  void requireNone(BlockHost host, String target) {
    on(host, target).stream()
        .findFirst()
        .ifPresent(
            job -> {
              throw DriverException.of(
                  ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED,
                  ("the hypervisor of domain '%s' runs job '%s' on disk '%s', which was not started"
                          + " by this daemon; end it the way it was started, then look at the chain"
                          + " with 'drover domain chain %s %s --verify'")
                      .formatted(host.domainName(), job, target, host.domainName(), target),
                  "domain",
                  host.domainName(),
                  "disk",
                  target,
                  "job",
                  job);
            });
  }

  /**
   * A job is planned on the chain that is on record, so QEMU must still have that chain.
   *
   * @throws DriverException HYPERVISOR_REFUSED, CHAIN_DIVERGED
   */
  void requireUntouched(BlockHost host, DiskGraph graph) {
    try {
      requireNone(host, graph.target());
      Optional<String> difference = LiveGraph.difference(host, graph);
      if (difference.isPresent()) {
        throw JobFailures.divergedBefore(host, graph.target(), difference.get());
      }
    } catch (QmpException e) {
      throw JobFailures.ofCommand(host, e);
    }
  }

  private List<String> unknown(BlockHost host) {
    Set<String> known =
        journal.list().stream().map(JournalEntry::monitorId).collect(Collectors.toSet());
    return host.execute(new QueryCommand.QueryJobs()).stream()
        .map(JobInfo::id)
        .filter(id -> !known.contains(id))
        .toList();
  }
}
