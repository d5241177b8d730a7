package dev.drover.client;

import dev.drover.v1.BackingChain;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainRef;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ListDisksRequest;
import java.util.Optional;

/** One disk of a domain: its backing chain and the jobs that work on it. */
public final class DiskHandle {
  private final Connection connection;
  private final DomainRef domain;
  private final String disk;

  DiskHandle(Connection connection, DomainRef domain, String disk) {
    this.connection = connection;
    this.domain = domain;
    this.disk = disk;
  }

  /** The images from the active one down to the base. */
  public BackingChain chain() {
    return connection
        .call(
            BlockServiceGrpc.getGetBackingChainMethod(),
            GetBackingChainRequest.newBuilder().setDomain(domain).setDisk(disk).build(),
            connection.settings().deadline())
        .getChain();
  }

  /**
   * The job that holds the disk, if there is one.
   *
   * @throws DroverException DISK_NOT_FOUND, DISK_AMBIGUOUS
   */
  public Optional<JobHandle> activeJob() {
    String target = chain().getDisk();
    return connection
        .call(
            BlockServiceGrpc.getListDisksMethod(),
            ListDisksRequest.newBuilder().setDomain(domain).build(),
            connection.settings().deadline())
        .getDisksList()
        .stream()
        .filter(found -> found.getTarget().equals(target) && !found.getJobId().isEmpty())
        .findFirst()
        .map(found -> new Jobs(connection).get(found.getJobId()));
  }

  /** A commit of this disk, to be described and started. */
  public BlockCommit commit() {
    return new BlockCommit(connection, domain, disk);
  }

  /** A pull into this disk's active image, to be described and started. */
  public BlockPull pull() {
    return new BlockPull(connection, domain, disk);
  }

  /** A copy of this disk to a destination, to be described and started. */
  public BlockCopy copy(Image destination) {
    return new BlockCopy(connection, domain, disk, destination);
  }
}
