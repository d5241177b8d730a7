package dev.drover.qemu.block;

import dev.drover.qemu.qmp.Acknowledged;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.QmpAnswer;
import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.qemu.qmp.QueryCommand;
import java.util.List;
import java.util.Optional;

/**
 * The order to a pending job to change the graph, with the questions how it went sent right behind
 * it: QEMU mostly concludes the job before it answers the order, and then nothing more has to be
 * asked. Where it takes longer, events tell when to look again.
 */
final class Finish {

  private final String monitorId;
  private final QmpAnswer<Acknowledged> order;
  private final QmpAnswer<List<BlockJobInfo>> jobs;
  private final QmpAnswer<EndView> view;

  private Finish(
      String monitorId,
      QmpAnswer<Acknowledged> order,
      QmpAnswer<List<BlockJobInfo>> jobs,
      QmpAnswer<EndView> view) {
    this.monitorId = monitorId;
    this.order = order;
    this.jobs = jobs;
    this.view = view;
  }

  /**
   * How a job has ended.
   *
   * @param error QEMU's text when it failed
   * @param view what the disk looked like right after
   */
  record Concluded(Optional<String> error, EndView view) {}

  /** Sends the order and the questions. */
  static Finish send(BlockHost host, JobRecord record) {
    return new Finish(
        record.monitorId(),
        host.send(new BlockJobCommand.JobFinalize(record.monitorId())),
        host.send(new QueryCommand.QueryBlockJobs()),
        EndView.ask(host, record.entry()));
  }

  /**
   * Waits for the answer to the order.
   *
   * @throws QmpCommandException where it was refused; the questions are void then
   */
  void requireAccepted() {
    order.await();
  }

  /** Waits for the answers to the questions; empty where the job has not concluded by then. */
  Optional<Concluded> concluded() {
    return jobs.await().stream()
        .filter(job -> job.id().equals(monitorId))
        .filter(job -> job.status() == JobStatus.CONCLUDED)
        .findFirst()
        .map(job -> new Concluded(job.error(), view.await()));
  }
}
