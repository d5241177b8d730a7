package dev.drover.qemu.snapshot;

import dev.drover.qemu.journal.DoomedFile;
import java.util.List;
import java.util.Optional;

/**
 * The files that were made as overlays of a snapshot or a revert, so that none that was put in
 * their place is taken for them (R3, E18).
 *
 * @param files the files; empty: it is not on record yet, and no more than empty files can be there
 */
record MadeOverlays(Optional<List<DoomedFile>> files) {

  /** Before any was made. */
  static final MadeOverlays NOT_RECORDED = new MadeOverlays(Optional.empty());

  /** None was made, or none is left. */
  static final MadeOverlays NONE = new MadeOverlays(Optional.of(List.of()));

  /** Copies the list. */
  MadeOverlays {
    files = files.map(List::copyOf);
  }

  /** The file that was made at a path; empty: none is on record. */
  Optional<DoomedFile> at(String path) {
    return files.stream().flatMap(List::stream).filter(file -> file.path().equals(path)).findAny();
  }

  /** Whether an overlay that has a record is still the one that was made. */
  boolean stillThere(String path) {
    return files.isEmpty() || at(path).filter(DoomedFile::stillThere).isPresent();
  }
}
