package dev.drover.conformance.model;

import dev.drover.v1.JobCompletion;
import dev.drover.v1.RevertState;
import dev.drover.v1.SnapshotScope;

/**
 * One step of a sequence. Its numbers choose among what is there when it is done, so that it has a
 * meaning after any steps before it, and a sequence can be shortened anywhere. Some choose what is
 * not there: such calls must be refused alike.
 *
 * <p>A disk is 0 or 1, or 2 for one that the domain does not have. An image is 0 where it is left
 * unset, else a place in the chain counted from 1, the active image; beyond the chain it is one
 * that the chain does not have.
 */
public sealed interface Operation {

  /** How a job is begun. */
  enum Pace {
    /** Without a limit. */
    FULL,
    /** So slow that it is still at work when it is looked at, where there is data enough. */
    SLOW,
    /** Not at all: with validate_only. */
    CHECKED
  }

  /** What a snapshot is made of. */
  enum Form {
    /** In overlays that the driver makes. */
    NEW,
    /** The same, without a record. */
    UNRECORDED,
    /** In overlays that the client has made. */
    GIVEN,
    /** Inside the images. */
    INTERNAL
  }

  /** Whether a snapshot takes the guest's memory, too. */
  enum Memory {
    /** It does not. */
    NONE,
    /** With the guest held. */
    HELD,
    /** While the guest runs on. */
    LIVE,
    /** With the guest held, into a file that is there already. */
    OVER
  }

  /** What a copy finds at its destination. */
  enum Destination {
    /** Nothing. */
    NONE,
    /** An image made for it, which it uses. */
    GIVEN,
    /** An image, which it was not told to use. */
    TAKEN,
    /** Nothing, although it was told to use what is there. */
    MISSING
  }

  /** How a job is ended by a client. */
  enum End {
    /** On the new image. */
    PIVOT,
    /** On the old one, with the other as a copy. */
    KEEP,
    /** On the old one. */
    CANCEL
  }

  /** Starts the domain. */
  record Start(boolean paused) implements Operation {}

  /** Holds its processors. */
  record Suspend() implements Operation {}

  /** Lets them go. */
  record Resume() implements Operation {}

  /** Ends it by force. */
  record Destroy() implements Operation {}

  /**
   * Defines the domain anew, with another title and so many MiB of memory more than it had at
   * first; stale: with the etag of a definition that is no longer stored.
   */
  record Redefine(int value, boolean stale) implements Operation {}

  /** Writes as the guest, where there is one. */
  record Write(int disk, int block, int value) implements Operation {}

  /** Makes a snapshot, of both disks or the first alone; again: under a name that is taken. */
  record Snapshot(Form form, Memory memory, boolean again, boolean alone) implements Operation {}

  /**
   * Gives a snapshot another name, by its number from the oldest; taken: that of the next one;
   * stale: with the etag of a record that is no longer stored.
   */
  record Rename(int snapshot, boolean taken, boolean stale) implements Operation {}

  /** Goes back to a snapshot, by its number from the oldest. */
  record Revert(int snapshot, RevertState state) implements Operation {}

  /** Deletes snapshots, or forgets them. */
  record Delete(int snapshot, SnapshotScope scope, boolean metadataOnly) implements Operation {}

  /** Begins a commit; careless: with the opposite of what is right for active. */
  record Commit(
      int disk,
      int top,
      int base,
      boolean shallow,
      boolean delete,
      boolean careless,
      JobCompletion auto,
      Pace pace)
      implements Operation {}

  /** Begins a pull. */
  record Pull(int disk, int base, int into, boolean relative, Pace pace) implements Operation {}

  /** Begins a copy. */
  record Copy(
      int disk,
      boolean shallow,
      boolean raw,
      Destination destination,
      JobCompletion auto,
      Pace pace)
      implements Operation {}

  /** Begins a pull, or a copy, by the older call. */
  record Rebase(int disk, int base, boolean copy, boolean shallow, boolean raw, Pace pace)
      implements Operation {}

  /** Ends a job, by its number from the newest. */
  record EndJob(int job, End end) implements Operation {}

  /** Ends all jobs that go on, at one moment. */
  record EndTogether(JobCompletion completion) implements Operation {}

  /** Takes the limit off a job. */
  record Unleash(int job) implements Operation {}
}
