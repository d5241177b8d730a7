package dev.drover.qemu.block;

import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.spi.job.JobBook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The groups of jobs whose common end is under way, by the id that their journal entries name. */
final class GroupEnds {

  private final JobJournal journal;
  private final JobMoves moves;
  private final Duration limit;
  private final Map<String, GroupEnd> groups = new ConcurrentHashMap<>();
  private final Map<String, List<GroupMember>> gathering = new ConcurrentHashMap<>();

  /**
   * Makes a register of groups.
   *
   * @param limit longest time from holding a guest to the decision
   */
  GroupEnds(JobBook book, JobJournal journal, Duration limit) {
    this.journal = journal;
    this.moves = new JobMoves(book, journal);
    this.limit = limit;
  }

  /**
   * Records the order to end READY jobs at one moment, and wakes their workers.
   *
   * @param quiesce how long the guest's file systems may be frozen for it; zero: not at all
   * @return false where one of them is not READY any more; nothing was recorded
   */
  boolean order(List<? extends GroupMember> members, JobEnding ending, Duration quiesce) {
    List<JobRecord> records = members.stream().map(GroupMember::record).toList();
    String id = UUID.randomUUID().toString();
    GroupEnd group = new GroupEnd(id, List.copyOf(members), moves, limit, quiesce);
    groups.put(id, group);
    if (!moves.order(records, ending, id, quiesce)) {
      groups.remove(id);
      return false;
    }
    members.forEach(GroupMember::ring);
    return true;
  }

  /** The group of a job, where it ends with one. */
  Optional<GroupEnd> of(JournalEntry entry) {
    return Optional.ofNullable(groups.get(entry.group()));
  }

  /**
   * Takes a job of the journal into its group again, where it has one; to be done before its worker
   * begins. The group goes on once all of its jobs are back, since one that lacks some would decide
   * alone.
   */
  synchronized void rejoin(GroupMember member) {
    String id = member.record().entry().group();
    if (id.isEmpty() || groups.containsKey(id)) {
      return;
    }
    List<GroupMember> there = gathering.computeIfAbsent(id, _ -> new ArrayList<>());
    there.add(member);
    long left = journal.list().stream().filter(entry -> entry.group().equals(id)).count();
    if (there.size() == left) {
      gathering.remove(id);
      Duration quiesce = Duration.ofMillis(member.record().entry().quiesceMillis());
      groups.put(id, new GroupEnd(id, there, moves, limit, quiesce));
      there.forEach(GroupMember::ring);
    }
  }

  /** Whether a job waits for the others of its group to be taken up. */
  boolean gathering(JournalEntry entry) {
    return gathering.containsKey(entry.group());
  }

  /** Forgets groups whose jobs have all ended or are READY again. */
  void forgetEnded() {
    groups.values().removeIf(GroupEnd::ended);
  }
}
