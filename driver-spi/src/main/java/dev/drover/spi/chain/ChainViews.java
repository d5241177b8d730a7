package dev.drover.spi.chain;

import dev.drover.v1.ChainImage;
import dev.drover.v1.Image;
import java.util.List;
import java.util.Optional;

/**
 * Everything that says what a disk's chain is.
 *
 * @param disk target of the disk
 * @param jobId job that holds the disk; empty: none
 * @param definition the active image as the stored definition names it
 * @param headers what the headers say, from that image down
 * @param hypervisor the chain as it is open; empty where the domain is shut off
 * @param lastKnown the chain as the newest job on the disk left it, which tells what a broken
 *     header named once; empty where no job did
 * @param files the file system
 */
public record ChainViews(
    String disk,
    String jobId,
    Image definition,
    List<HeaderView> headers,
    Optional<HypervisorView> hypervisor,
    List<ChainImage> lastKnown,
    ChainFiles files) {

  /** Copies the lists. */
  public ChainViews {
    headers = List.copyOf(headers);
    lastKnown = List.copyOf(lastKnown);
  }
}
