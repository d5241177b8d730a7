package dev.drover.qemu.journal;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What QEMU does for a job, with the nodes it does it on. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = JobWork.Stream.class, name = "stream"),
  @JsonSubTypes.Type(value = JobWork.Commit.class, name = "commit"),
  @JsonSubTypes.Type(value = JobWork.ActiveCommit.class, name = "active-commit"),
  @JsonSubTypes.Type(value = JobWork.Mirror.class, name = "mirror")
})
public sealed interface JobWork {

  /** Ends by itself; its trace on disk is the header of one image. */
  sealed interface OnePhase extends JobWork {

    /** The header that QEMU rewrites at the end. */
    HeaderRewrite rewrite();

    /** Node that receives data and must be flushed before the header changes. */
    String writtenNode();
  }

  /** Waits in READY, and leaves no trace on disk of how it ended. */
  sealed interface TwoPhase extends JobWork {

    /** Node that the device reads before. */
    String oldRoot();

    /** Node that the device reads after a pivot. */
    String newRoot();
  }

  /**
   * {@code block-stream}.
   *
   * @param device node that receives the data
   * @param base node that stays below; empty: none
   * @param rewrite the header of {@code device}
   */
  record Stream(String device, String base, HeaderRewrite rewrite) implements OnePhase {
    @Override
    public String writtenNode() {
      return device;
    }
  }

  /**
   * {@code block-commit} below the active image.
   *
   * @param root root node of the disk
   * @param top highest node that is committed
   * @param base node that receives the data
   * @param rewrite the header of the image above {@code top}
   */
  record Commit(String root, String top, String base, HeaderRewrite rewrite) implements OnePhase {
    @Override
    public String writtenNode() {
      return base;
    }
  }

  /**
   * {@code block-commit} of the active image.
   *
   * @param root root node of the disk
   * @param base node that receives the data
   */
  record ActiveCommit(String root, String base) implements TwoPhase {
    @Override
    public String oldRoot() {
      return root;
    }

    @Override
    public String newRoot() {
      return base;
    }
  }

  /**
   * {@code blockdev-mirror}.
   *
   * @param root root node of the disk
   * @param target node that receives the data
   * @param topOnly whether only the active image is copied
   * @param synchronousWrites whether each guest write waits for the target
   * @param granularityBytes bytes for each dirty bit; 0: QEMU's default
   * @param bufferBytes most data in flight; 0: QEMU's default
   */
  record Mirror(
      String root,
      String target,
      boolean topOnly,
      boolean synchronousWrites,
      long granularityBytes,
      long bufferBytes)
      implements TwoPhase {
    @Override
    public String oldRoot() {
      return root;
    }

    @Override
    public String newRoot() {
      return target;
    }
  }
}
