package dev.drover.conformance;

import dev.drover.v1.Image;
import java.util.List;
import java.util.Optional;

/** Makes images where the driver finds them, acts as the guest, and looks at what came of it. */
public interface GuestWorld {

  /**
   * Makes an empty directory, or the name of one where the world needs no directories.
   *
   * @param label letters, digits and dashes, unique in the run
   * @return its absolute path
   */
  String directory(String label);

  /** Removes a directory made before with everything in it. */
  void removeDirectory(String path);

  /** Makes an image file. */
  void create(ImageSetup image);

  /**
   * Writes to a disk as the guest of a running or paused domain does, and flushes as a guest's
   * {@code fsync} does. Where a running guest is held for a job, it waits until it is let go, as
   * the guest does.
   */
  void write(String domain, String target, List<Fill> writes);

  /**
   * Discards a range of a disk as the guest of a running or paused domain does.
   *
   * @param offset where it begins in bytes, a multiple of {@link Fill#BLOCK}
   * @param length how long it is in bytes, a multiple of {@link Fill#BLOCK}
   */
  void discard(String domain, String target, long offset, long length);

  /**
   * Makes a running or paused domain flush a disk as a guest does, so that {@link #contents} sees
   * what the guest sees.
   */
  void flush(String domain, String target);

  /** Reads the header of an image file, also while a domain uses it. */
  ImageView look(Image image);

  /**
   * Reads what an image file shows through its backing chain, also while a domain uses it.
   *
   * @return without a block where there is no file
   */
  DiskContents contents(Image image);

  /**
   * Makes a kernel for the direct start. Where guests of this world run programs, it prints its
   * command line, a line feed and its initial RAM disk on the first serial console.
   *
   * @param path where the file is to be, in a directory made before
   */
  void createKernel(String path);

  /**
   * What a guest has printed on a serial console so far.
   *
   * @param log the console's log file, as the daemon tells it
   * @return empty where guests of this world run no programs
   */
  Optional<String> printed(String log);
}
