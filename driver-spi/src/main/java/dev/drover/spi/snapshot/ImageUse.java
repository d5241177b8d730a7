package dev.drover.spi.snapshot;

/**
 * What is on record of how a disk came off or onto an image that Drover made. Only Drover's own
 * operations tell that nobody misses what an image held when the disk went on elsewhere.
 */
public enum ImageUse {
  /**
   * Nothing: a disk has gone on in it since it was made. Where none is on it any more, a definition
   * has taken it off, or a daemon has moved it off that did not keep such a record.
   */
  UNKNOWN,
  /**
   * Drover moved the disk off: a snapshot kept the moment in it, a job put what it held elsewhere,
   * or a revert gave it up.
   */
  LEFT,
  /**
   * A disk was put onto it as it is, by a definition, by a job that ended in it, or under another
   * path that leads to it, with which a domain was started.
   */
  TAKEN
}
