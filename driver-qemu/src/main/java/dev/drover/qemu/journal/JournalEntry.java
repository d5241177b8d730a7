package dev.drover.qemu.journal;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The journal's record of one job. Immutable; a step is a new record.
 *
 * @param jobId id of the job
 * @param domainUuid domain the job works on
 * @param disk target of the disk
 * @param step how far it has come
 * @param work what QEMU does
 * @param ending how it ends, as ordered so far
 * @param endingWhenReady how it ends by itself once READY
 * @param filterNode node-name that the job's filter has while the job exists
 * @param speedBytesPerSecond speed limit at the start; 0: none
 * @param before the chain at the start, from the active image down
 * @param after the chain after success, from the active image down
 * @param filesToDelete files to unlink after success, because the request says so (C13)
 * @param createdFile destination that was made for the job; empty: none
 * @param group id of the group of jobs that ends at one moment with this one; empty: it ends alone
 * @param quiesceMillis how long the guest's file systems may be frozen for that moment; 0: they are
 *     left alone (D14)
 * @param aside whether the chain is one that the disk does not read, so that the job has a process
 *     of its own even while the domain runs
 */
public record JournalEntry(
    String jobId,
    String domainUuid,
    String disk,
    JournalStep step,
    JobWork work,
    JobEnding ending,
    JobEnding endingWhenReady,
    String filterNode,
    long speedBytesPerSecond,
    List<JournalImage> before,
    List<JournalImage> after,
    List<DoomedFile> filesToDelete,
    String createdFile,
    String group,
    long quiesceMillis,
    boolean aside) {

  /** Copies the lists. */
  public JournalEntry {
    before = List.copyOf(before);
    after = List.copyOf(after);
    filesToDelete = List.copyOf(filesToDelete);
  }

  /** Id of the job in QEMU, whose ids must begin with a letter. */
  public String monitorId() {
    return monitorId(jobId);
  }

  /** Id in QEMU of a job of this id. */
  public static String monitorId(String jobId) {
    return "job-" + jobId;
  }

  /** The same at another step. */
  public JournalEntry at(JournalStep next) {
    return new JournalEntry(
        jobId,
        domainUuid,
        disk,
        next,
        work,
        ending,
        endingWhenReady,
        filterNode,
        speedBytesPerSecond,
        before,
        after,
        filesToDelete,
        createdFile,
        group,
        quiesceMillis,
        aside);
  }

  /** The same with an ending ordered. */
  public JournalEntry ordered(JobEnding order) {
    return ordered(order, "", 0);
  }

  /**
   * The same with an ending ordered for the jobs of a group.
   *
   * @param freezeMillis how long the guest's file systems may be frozen for it; 0: not at all
   */
  public JournalEntry ordered(JobEnding order, String groupId, long freezeMillis) {
    return new JournalEntry(
        jobId,
        domainUuid,
        disk,
        JournalStep.END_REQUESTED,
        work,
        order,
        endingWhenReady,
        filterNode,
        speedBytesPerSecond,
        before,
        after,
        filesToDelete,
        createdFile,
        groupId,
        freezeMillis,
        aside);
  }

  /** The same with the order to end taken back, since QEMU refused to begin it. */
  public JournalEntry readyAgain() {
    return new JournalEntry(
        jobId,
        domainUuid,
        disk,
        JournalStep.READY,
        work,
        JobEnding.NONE,
        JobEnding.NONE,
        filterNode,
        speedBytesPerSecond,
        before,
        after,
        filesToDelete,
        createdFile,
        "",
        0,
        aside);
  }

  /** Images that the old chain has and the new one has not, from the top down. */
  public List<JournalImage> dropped() {
    return before.stream().filter(image -> !holds(after, image)).toList();
  }

  /** Images that the new chain has and the old one has not, from the top down. */
  public List<JournalImage> added() {
    return after.stream().filter(image -> !holds(before, image)).toList();
  }

  /** Paths of the images that are open for writing while the job runs. */
  public Set<String> written() {
    Stream<String> nodes =
        switch (work) {
          case JobWork.Stream stream -> Stream.of(stream.device());
          case JobWork.Commit commit ->
              Stream.of(commit.root(), commit.base(), commit.rewrite().node());
          case JobWork.ActiveCommit commit -> Stream.of(commit.root(), commit.base());
          case JobWork.Mirror mirror -> Stream.of(mirror.root(), mirror.target());
        };
    Set<String> names = nodes.collect(Collectors.toSet());
    return Stream.concat(before.stream(), after.stream())
        .filter(image -> names.contains(image.node()))
        .map(JournalImage::path)
        .collect(Collectors.toSet());
  }

  private static boolean holds(List<JournalImage> chain, JournalImage wanted) {
    return chain.stream().anyMatch(image -> image.node().equals(wanted.node()));
  }
}
