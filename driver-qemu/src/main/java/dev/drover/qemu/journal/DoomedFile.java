package dev.drover.qemu.journal;

import dev.drover.qemu.image.FileIdentity;
import dev.drover.qemu.image.OpenFiles;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file that is to be unlinked after a job's success, as it was when the job was planned, so that
 * a file put in its place is never taken for it (R3).
 *
 * @param path absolute path
 * @param device number of its file system
 * @param inode number of the file; 0: what lay at the path was not the file that QEMU had open
 */
public record DoomedFile(String path, long device, long inode) {

  /**
   * The file at a path.
   *
   * @param open files that the process has open which works on the chain, where that is known
   */
  public static DoomedFile of(String path, Optional<OpenFiles> open) {
    return FileIdentity.of(Path.of(path))
        .filter(found -> open.map(files -> files.files().contains(found)).orElse(true))
        .map(found -> new DoomedFile(path, found.device(), found.inode()))
        .orElseGet(() -> new DoomedFile(path, 0, 0));
  }

  /** True where the path still leads to that file. */
  public boolean stillThere() {
    return inode != 0
        && FileIdentity.of(Path.of(path))
            .filter(new FileIdentity(device, inode)::equals)
            .isPresent();
  }
}
