package dev.drover.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a case shows of snapshots: each of the kinds with each of the operations. On a class it
 * stands for those of its cases that say nothing themselves.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface OfSnapshot {

  /** The kinds. */
  Kind[] kind();

  /** The operations. */
  Operation[] operation();

  /** Where a snapshot is kept, and whether memory is part of it. */
  enum Kind {
    /** Disks go on in overlays. */
    EXTERNAL("external"),
    /** The same, with the guest's memory in a file. */
    EXTERNAL_MEMORY("external with memory"),
    /** The images keep it inside themselves. */
    INTERNAL("internal"),
    /** The same, with the guest's memory in an image. */
    INTERNAL_MEMORY("internal with memory");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    /** For people. */
    public String title() {
      return title;
    }
  }

  /** What is done with it. */
  enum Operation {
    /** It is made, or refused. */
    CREATE("create"),
    /** The domain goes back to it. */
    REVERT("revert"),
    /** It goes, with its images or what they keep of it. */
    DELETE("delete"),
    /** Jobs work on images that hold it. */
    BLOCK_JOB("block jobs on its images"),
    /** Its record is entered, edited, renamed, kept or forgotten. */
    RECORD("its record");

    private final String title;

    Operation(String title) {
      this.title = title;
    }

    /** For people. */
    public String title() {
      return title;
    }
  }
}
