package dev.drover.qemu.block;

import dev.drover.qemu.image.CheckedFile;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.spi.block.CopyPlan;
import java.util.List;

/**
 * Where a copy goes.
 *
 * @param plan the plan
 * @param images the chain after a pivot, from the destination down
 * @param opened how many of the images, from the top, have no node in the process yet
 * @param checked the files of those, where they are there already
 * @param make whether an image has to be written into the file or device first
 * @param createdFile the destination where it does not exist yet; empty: it exists
 * @param backingReference what the header of a destination to be made will say; empty: nothing
 * @param virtualSizeBytes size of the disk
 */
record CopyDestination(
    CopyPlan plan,
    List<JournalImage> images,
    int opened,
    List<CheckedFile> checked,
    boolean make,
    String createdFile,
    String backingReference,
    long virtualSizeBytes) {

  /** Copies the lists. */
  CopyDestination {
    images = List.copyOf(images);
    checked = List.copyOf(checked);
  }
}
