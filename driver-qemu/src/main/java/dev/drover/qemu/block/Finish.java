package dev.drover.qemu.block;

import dev.drover.qemu.journal.JournalImage;
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
  private final Optional<LettingGo> lettingGo;

  private Finish(
      String monitorId,
      QmpAnswer<Acknowledged> order,
      QmpAnswer<List<BlockJobInfo>> jobs,
      QmpAnswer<EndView> view,
      Optional<LettingGo> lettingGo) {
    this.monitorId = monitorId;
    this.order = order;
    this.jobs = jobs;
    this.view = view;
    this.lettingGo = lettingGo;
  }

  /**
   * How a job has ended.
   *
   * @param error QEMU's text when it failed
   * @param view what the disk looked like right after
   * @param lettingGo the orders to let go what the job leaves behind, where they are sent already
   */
  record Concluded(Optional<String> error, EndView view, Optional<LettingGo> lettingGo) {

    /** Seen later than with the order. */
    Concluded(Optional<String> error, EndView view) {
      this(error, view, Optional.empty());
    }
  }

  /** Sends the order and the questions. */
  static Finish send(BlockHost host, JobRecord record) {
    return send(host, record, Optional.empty());
  }

  /**
   * Sends right behind them that what the job leaves behind is to be let go. Where the job does not
   * conclude at once, or not on its new chain, QEMU refuses what is still in use.
   *
   * @param images those that no chain needs any more
   */
  static Finish sendWithLettingGo(BlockHost host, JobRecord record, List<JournalImage> images) {
    return send(host, record, Optional.of(images));
  }

  private static Finish send(
      BlockHost host, JobRecord record, Optional<List<JournalImage>> images) {
    String id = record.monitorId();
    QmpAnswer<Acknowledged> order = host.send(new BlockJobCommand.JobFinalize(id));
    QmpAnswer<List<BlockJobInfo>> jobs = host.send(new QueryCommand.QueryBlockJobs());
    QmpAnswer<EndView> view = EndView.ask(host, record.entry());
    return new Finish(id, order, jobs, view, images.map(all -> LettingGo.send(host, id, all)));
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
        .map(job -> new Concluded(job.error(), view.await(), lettingGo));
  }
}
