package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a deletion has to know of one disk.
 *
 * @param disk target of the disk
 * @param active the chain that the domain has; empty where it has the disk no more
 * @param kept the chains of the moments that stay
 * @param doomed the chains of the moments that go
 * @param branches the chains of images that Drover made, or was given as overlays, and that may
 *     belong to no moment any more
 * @param owned paths of the images that Drover made
 * @param left paths of those that Drover has moved the disk off
 * @param held who else needs an image, by its path, for people
 */
public record DiskDeletion(
    String disk,
    Optional<Chain> active,
    List<Chain> kept,
    List<Chain> doomed,
    List<Chain> branches,
    Set<String> owned,
    Set<String> left,
    Map<String, String> held) {

  /** Copies the collections. */
  public DiskDeletion {
    kept = List.copyOf(kept);
    doomed = List.copyOf(doomed);
    branches = List.copyOf(branches);
    owned = Set.copyOf(owned);
    left = Set.copyOf(left);
    held = Map.copyOf(held);
  }
}
