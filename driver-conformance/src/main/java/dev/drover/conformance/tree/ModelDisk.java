package dev.drover.conformance.tree;

import java.util.List;

/** A disk of a model, as far as a domain shows it. */
interface ModelDisk {

  /** Target of the disk. */
  String target();

  /** Path of the active image. */
  String active();

  /** Paths of the images that it reads, from the active one down. */
  List<String> chain();
}
