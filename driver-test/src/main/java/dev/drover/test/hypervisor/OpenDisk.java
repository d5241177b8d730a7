package dev.drover.test.hypervisor;

import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.BlockView;
import dev.drover.v1.Disk;
import dev.drover.v1.DiskDiscard;
import dev.drover.v1.ErrorReason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A disk with its chain open, held by a running guest or, on a shut-off domain, by a job. Guarded
 * by the {@link dev.drover.test.clock.WorldLock}.
 */
public final class OpenDisk {

  private final String domainUuid;
  private final String domainName;
  private final String target;
  private final boolean readOnly;
  private final boolean ignoresDiscards;
  private final Set<BlockImage> claimed = new HashSet<>();
  private List<BlockNode> nodes = List.of();
  private int opened;
  private Optional<WriteListener> listener = Optional.empty();

  OpenDisk(String domainUuid, String domainName, Disk disk, List<BlockImage> images) {
    this.domainUuid = domainUuid;
    this.domainName = domainName;
    this.target = disk.getTarget();
    this.readOnly = disk.getReadOnly();
    this.ignoresDiscards = disk.getDiscard() == DiskDiscard.DISK_DISCARD_IGNORE;
    replace(images);
  }

  /** Domain the disk belongs to. */
  public String domainUuid() {
    return domainUuid;
  }

  /** Name of that domain. */
  public String domainName() {
    return domainName;
  }

  /** Target of the disk. */
  public String target() {
    return target;
  }

  /** The images, the active one first. */
  public List<BlockImage> images() {
    return nodes.stream().map(BlockNode::image).toList();
  }

  /** The image the guest writes to. */
  public BlockImage active() {
    return nodes.getFirst().image();
  }

  /** What the guest reads. */
  public BlockView view() {
    return new BlockView(images());
  }

  /** The chain as the API describes it. */
  public Chain chain() {
    return new Chain(
        domainName,
        target,
        nodes.stream().map(node -> BlockNode.describe(node.image(), node.name())).toList());
  }

  /** Goes over to other images; those open already keep their nodes. */
  public void replace(List<BlockImage> images) {
    List<BlockNode> next = new ArrayList<>();
    for (BlockImage image : images) {
      next.add(
          nodes.stream()
              .filter(node -> node.image() == image)
              .findFirst()
              .orElseGet(() -> new BlockNode(target + "-" + opened++, image)));
    }
    nodes = List.copyOf(next);
  }

  /**
   * Writes a cluster as the guest.
   *
   * @throws DriverException NO_SPACE
   */
  public void write(long cluster, int value) {
    if (!active().write(cluster, value)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_NO_SPACE,
          "the test host's disk is full: the guest cannot write to '%s'".formatted(active().path()),
          "path",
          active().path());
    }
    listener.ifPresent(mirror -> mirror.written(cluster, value));
  }

  /**
   * Discards a cluster as the guest, which reads zeros from then on; a disk that ignores discards
   * stays as it is.
   *
   * @throws DriverException NO_SPACE
   */
  public void discard(long cluster) {
    if (!ignoresDiscards) {
      write(cluster, 0);
    }
  }

  /** True where the guest cannot write. */
  public boolean readOnly() {
    return readOnly;
  }

  /** Has a listener told of what the guest writes. */
  public void listen(WriteListener mirror) {
    listener = Optional.of(mirror);
  }

  /** Tells nobody any more what the guest writes. */
  public void silence() {
    listener = Optional.empty();
  }

  void claim(BlockImage image) {
    claimed.add(image);
  }

  void disclaim() {
    claimed.clear();
  }

  boolean uses(BlockImage image) {
    return claimed.contains(image) || images().contains(image);
  }

  boolean writes(BlockImage image) {
    return claimed.contains(image) || (!readOnly && active() == image);
  }
}
