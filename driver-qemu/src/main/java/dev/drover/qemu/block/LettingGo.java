package dev.drover.qemu.block;

import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.qmp.Acknowledged;
import dev.drover.qemu.qmp.BlockCommand;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.QmpAnswer;
import dev.drover.qemu.qmp.QmpCommandException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The order to forget a concluded job, and to delete the nodes of images that no chain needs any
 * more, from the top down: all of it sent, without waiting for one command before the next. In a
 * process that was retired nothing is left to be let go.
 */
final class LettingGo {

  private static final Logger logger = LoggerFactory.getLogger(LettingGo.class);

  private final String jobId;
  private final Optional<QmpAnswer<Acknowledged>> dismissed;
  private final List<Deletion> deletions;

  private record Deletion(String node, QmpAnswer<Acknowledged> answer) {}

  private LettingGo(
      String jobId, Optional<QmpAnswer<Acknowledged>> dismissed, List<Deletion> deletions) {
    this.jobId = jobId;
    this.dismissed = dismissed;
    this.deletions = deletions;
  }

  /**
   * Sends it for nodes of which it is not known yet whether they are there. QEMU refuses what the
   * job or a device still uses.
   */
  static LettingGo send(BlockHost host, String jobId, List<JournalImage> images) {
    return send(host, jobId, Optional.empty(), images);
  }

  /**
   * Sends it.
   *
   * @param graph the nodes that there are; empty where that is not known
   */
  static LettingGo send(
      BlockHost host, String jobId, Optional<LiveGraph> graph, List<JournalImage> images) {
    return host.retired()
        ? new LettingGo(jobId, Optional.empty(), List.of())
        : new LettingGo(
            jobId,
            Optional.of(host.send(new BlockJobCommand.JobDismiss(jobId))),
            sendDeletions(host, graph, images));
  }

  /** Forgets a concluded job. */
  static void dismiss(BlockHost host, String jobId) {
    var _ = send(host, jobId, List.of()).await(Optional.empty());
  }

  /**
   * Deletes nodes alone.
   *
   * @return what could not be deleted, for people
   */
  static List<String> deleteNodes(BlockHost host, List<JournalImage> images) {
    if (host.retired()) {
      return List.of();
    }
    Optional<LiveGraph> graph = LiveGraph.of(host);
    return left(sendDeletions(host, graph, images), graph);
  }

  /**
   * Waits for the answers. A job that QEMU does not know is no error.
   *
   * @param graph the nodes that there were; one that was not there is not missed
   * @return what could not be deleted, for people
   */
  List<String> await(Optional<LiveGraph> graph) {
    dismissed.ifPresent(this::awaitDismissed);
    return left(deletions, graph);
  }

  private void awaitDismissed(QmpAnswer<Acknowledged> answer) {
    try {
      answer.await();
    } catch (QmpCommandException e) {
      logger.debug("Job {} was dismissed before: {}", jobId, e.description());
    }
  }

  private static List<Deletion> sendDeletions(
      BlockHost host, Optional<LiveGraph> graph, List<JournalImage> images) {
    return images.stream()
        .flatMap(image -> Stream.of(image.node(), image.fileNode()))
        .filter(node -> mayBeThere(graph, node))
        .map(node -> new Deletion(node, host.send(new BlockCommand.BlockdevDel(node))))
        .toList();
  }

  private static boolean mayBeThere(Optional<LiveGraph> graph, String node) {
    return graph.map(known -> known.has(node)).orElse(true);
  }

  private static List<String> left(List<Deletion> deletions, Optional<LiveGraph> graph) {
    return deletions.stream().flatMap(deletion -> left(deletion, graph).stream()).toList();
  }

  private static Optional<String> left(Deletion deletion, Optional<LiveGraph> graph) {
    try {
      deletion.answer().await();
      return Optional.empty();
    } catch (QmpCommandException e) {
      return mayBeThere(graph, deletion.node())
          ? Optional.of(
              "node '%s' stays open until the domain stops: %s"
                  .formatted(deletion.node(), e.description()))
          : Optional.empty();
    }
  }
}
