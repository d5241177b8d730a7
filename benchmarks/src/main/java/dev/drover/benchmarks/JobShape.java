package dev.drover.benchmarks;

import java.nio.file.Path;

/** The jobs that are compared. */
enum JobShape {
  /** The data moves from below the active image into the base. */
  COMMIT("commit (intermediate)", true, false),
  /** The data moves from the active image into the base, and the disk goes over to it. */
  ACTIVE_COMMIT("active commit with pivot", false, false),
  /** The data moves from below into the active image. */
  PULL("pull", true, true),
  /** The data is copied to a new image, and the disk goes over to it. */
  COPY("copy with pivot", false, false);

  private final String title;
  private final boolean aboveData;
  private final boolean leavesCacheDirty;

  JobShape(String title, boolean aboveData, boolean leavesCacheDirty) {
    this.title = title;
    this.aboveData = aboveData;
    this.leavesCacheDirty = leavesCacheDirty;
  }

  String title() {
    return title;
  }

  /** The image that the disk has when the job begins. */
  Path disk(DiskImages images) {
    return aboveData ? images.active() : images.data();
  }

  /**
   * True where QEMU by itself ends the job with its result in the page cache only: Drover flushes
   * it, since a crash would otherwise leave wrong content.
   */
  boolean leavesCacheDirty() {
    return leavesCacheDirty;
  }
}
