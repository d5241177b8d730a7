package dev.drover.spi.snapshot;

import dev.drover.spi.CallContext;
import dev.drover.spi.block.Chain;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** What a driver knows of images and does to them for {@link SnapshotDeletions}. */
public interface DeletionWork {

  /**
   * The chain of a disk as the domain has it now; empty where it has no such disk.
   *
   * @throws dev.drover.spi.error.DriverException where it cannot be read
   */
  Optional<Chain> active(Domain domain, String disk);

  /**
   * The chain below an image as the headers say; empty where there is no file.
   *
   * @throws dev.drover.spi.error.DriverException where it cannot be read
   */
  Optional<Chain> stored(Domain domain, String disk, Image image);

  /** True where an image is still the file that was made. */
  boolean isThere(OwnedImage image);

  /** What is the same for all paths that lead to one file; empty where there is none. */
  Optional<String> file(String path);

  /**
   * The room on the file system of an image; empty where it is not a file that takes more room when
   * more is written to it, or where that cannot be told.
   */
  Optional<Room> room(String path);

  /**
   * Bytes by which an image grows when others are merged into it; empty where that cannot be told.
   */
  OptionalLong growth(List<Image> images, Image into);

  /** Why somebody other than this domain needs an image; empty where nobody does. */
  Optional<String> heldElsewhere(String domainUuid, String path);

  /** Starts a commit as a step of another job. */
  Job commit(CallContext call, JobOrigin origin, BlockCommitRequest request);

  /** Starts a pull into an image of a disk's chain as a step of another job. */
  Job pull(CallContext call, JobOrigin origin, BlockPullRequest request);

  /**
   * Starts a pull as a step of another job into an image that no disk of the domain reads: it is
   * the active one of the chain that the job works on, and nobody has that open.
   */
  Job pullAside(CallContext call, JobOrigin origin, BlockPullRequest request, Image into);

  /**
   * Makes an image let go of a moment that it keeps inside itself. One that is gone is no error.
   *
   * @param disk target of the disk that the image was of at the moment
   * @param tag what the image calls the moment
   * @throws dev.drover.spi.error.DriverException where the image keeps it still, or may do so
   */
  void discard(Domain domain, String disk, Image image, String tag);

  /**
   * Orders the end of a step's job without waiting for it.
   *
   * @throws dev.drover.spi.error.DriverException JOB_STATE_INVALID where it ends by itself
   */
  void cancel(CallContext call, String jobId);

  /**
   * Removes an image that nothing needs any more, where it is still the file that was made and
   * nobody needs it at this moment (R3). One that is gone is no error.
   *
   * @param jobId the job for which it goes
   * @return why it stays; empty: it is gone
   */
  Optional<String> remove(String jobId, OwnedImage image);

  /** Tells the operator, in the log, what a deletion could not do. */
  void warn(String what, RuntimeException why);

  /**
   * Changes a domain durably, wherever the driver keeps it.
   *
   * @param journal what is recorded in the same transaction
   */
  void change(String domainUuid, Consumer<Domain.Builder> edit, Consumer<StoreTransaction> journal);
}
