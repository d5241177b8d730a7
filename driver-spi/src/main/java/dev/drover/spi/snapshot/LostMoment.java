package dev.drover.spi.snapshot;

/**
 * That a snapshot's state of one disk is gone, since a commit has written into an image that showed
 * it (R3, R9).
 *
 * @param domainUuid domain of the snapshot
 * @param domainName its name, for people
 * @param snapshot name of the snapshot
 * @param disk target of the disk
 * @param jobId job of the commit, which may be one of another domain
 */
public record LostMoment(
    String domainUuid, String domainName, String snapshot, String disk, String jobId) {

  /** What the owner of the commit is told. */
  public String warning() {
    return ("snapshot '%s' of domain '%s' has lost its state of disk '%s': the commit wrote into an"
            + " image that it needs")
        .formatted(snapshot, domainName, disk);
  }
}
