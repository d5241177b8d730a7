package dev.drover.client;

import dev.drover.v1.BackingChain;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.DomainRef;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ListDisksRequest;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.RepairChainResponse;
import dev.drover.v1.VerifyChainRequest;
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
        .read(
            BlockServiceGrpc.getGetBackingChainMethod(),
            GetBackingChainRequest.newBuilder().setDomain(domain).setDisk(disk).build(),
            connection.settings().deadline())
        .getChain();
  }

  /**
   * Compares what the definition, the hypervisor and the images' headers say of the chain.
   *
   * @throws DroverException DISK_HAS_NO_SOURCE, DOMAIN_UNRESPONSIVE
   */
  public ChainVerification verifyChain() {
    return connection
        .read(
            BlockServiceGrpc.getVerifyChainMethod(),
            VerifyChainRequest.newBuilder().setDomain(domain).setDisk(disk).build(),
            connection.settings().deadline())
        .getVerification();
  }

  /**
   * Does what {@link #verifyChain} proposes; deletes nothing, and does nothing that is a guess.
   *
   * @throws DroverException BLOCK_COPY_ACTIVE, BLOCK_JOB_ACTIVE, IMAGE_IN_USE, HYPERVISOR_REFUSED
   */
  public RepairChainResponse repairChain() {
    return repair(false);
  }

  /** Tells what {@link #repairChain} would do, and changes nothing. */
  public RepairChainResponse proposeRepair() {
    return repair(true);
  }

  private RepairChainResponse repair(boolean validateOnly) {
    return connection.call(
        BlockServiceGrpc.getRepairChainMethod(),
        RepairChainRequest.newBuilder()
            .setDomain(domain)
            .setDisk(disk)
            .setValidateOnly(validateOnly)
            .build(),
        connection.settings().deadline());
  }

  /**
   * The job that holds the disk, if there is one.
   *
   * @throws DroverException DISK_NOT_FOUND, DISK_AMBIGUOUS
   */
  public Optional<JobHandle> activeJob() {
    String target = chain().getDisk();
    return connection
        .read(
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

  /**
   * A copy of this disk to a file, to be described and started.
   *
   * @param path absolute path of the copy
   * @param format its format
   */
  public BlockCopy copy(String path, ImageFormat format) {
    return copy(Image.newBuilder().setPath(path).setFormat(format).build());
  }

  /** A pull or a copy in libvirt's older form, to be described and started. */
  public BlockRebase rebase() {
    return new BlockRebase(connection, domain, disk);
  }

  /** A copy of this disk to a destination, to be described and started. */
  public BlockCopy copy(Image destination) {
    return new BlockCopy(connection, domain, disk, destination);
  }
}
