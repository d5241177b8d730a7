package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Image;
import dev.drover.v1.SnapshotMemory;
import java.util.OptionalLong;

/**
 * What plans of snapshots and reverts ask about the images of one domain's host; each driver has
 * its own way of looking.
 */
public interface SnapshotFiles {

  /**
   * The image that a disk is on now.
   *
   * @throws DriverException whatever keeps its chain from being read
   */
  ChainImage active(Disk disk);

  /**
   * A path as the host writes it, where a client may name it.
   *
   * @throws DriverException PATH_NOT_ALLOWED
   */
  String path(String text);

  /** Whether a path is taken, be it by something that cannot be used. */
  boolean exists(String path);

  /** Whether a path leads to a regular file, beside which others can be made. */
  boolean regular(String path);

  /** Whether two paths lead to one file. */
  boolean same(String first, String second);

  /**
   * The chain below an image, itself first.
   *
   * @param target disk whose chain it is, for errors
   * @throws DriverException IMAGE_NOT_FOUND and whatever else keeps it from being read
   */
  Chain chain(String target, Image top);

  /**
   * Refuses a path, which is not taken, where no file can be made.
   *
   * @throws DriverException IMAGE_NOT_FOUND or IMAGE_ACCESS_DENIED about its directory
   */
  void requireMakeable(String path);

  /**
   * Refuses an overlay that exists where the disk cannot go on in it.
   *
   * @throws DriverException IMAGE_ACCESS_DENIED or IMAGE_IN_USE
   */
  void requireWritable(String target, ChainImage overlay);

  /**
   * The bytes of memory that an image keeps with a moment inside itself, 0 where it keeps none with
   * it; empty where it keeps no such moment.
   *
   * @param tag what the image calls the moment
   * @throws DriverException IMAGE_NOT_FOUND and whatever else keeps it from being read
   */
  OptionalLong moment(Image image, String tag);

  /** Whether a file that holds memory is there in its whole length. */
  boolean holds(SnapshotMemory memory);
}
