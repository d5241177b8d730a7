package dev.drover.client;

import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainRef;
import dev.drover.v1.Job;

/**
 * Describes libvirt's older call for a pull or a copy and starts it (E1 to E19). Without any
 * setting everything is pulled; {@link BlockPull} and {@link BlockCopy} say the same more plainly.
 * Used by one thread.
 */
public final class BlockRebase {
  private final Connection connection;
  private final BlockRebaseRequest.Builder request;

  BlockRebase(Connection connection, DomainRef domain, String disk) {
    this.connection = connection;
    this.request = BlockRebaseRequest.newBuilder().setDomain(domain).setDisk(disk);
  }

  /** Pulls, and keeps this image as backing image. Default: none is kept. */
  public BlockRebase base(String image) {
    request.setBase(image);
    return this;
  }

  /**
   * Copies, in place of pulling.
   *
   * @param destination absolute path
   */
  public BlockRebase copyTo(String destination) {
    request.setCopy(true).setBase(destination);
    return this;
  }

  /** With a copy: only the active image. */
  public BlockRebase shallow() {
    request.setShallow(true);
    return this;
  }

  /** With a copy: the existing destination, as it is. */
  public BlockRebase reuseExternal() {
    request.setReuseExternal(true);
    return this;
  }

  /** With a copy: the destination is raw. Default: it has the format of the active image. */
  public BlockRebase raw() {
    request.setCopyRaw(true);
    return this;
  }

  /** With a pull: a relative reference to the base, which must be named. */
  public BlockRebase keepRelative() {
    request.setKeepRelative(true);
    return this;
  }

  /** Limits the speed. Default: the driver's. */
  public BlockRebase bandwidth(Bandwidth limit) {
    request.setBandwidth(limit);
    return this;
  }

  /** Limits the speed to so many MiB/s. */
  public BlockRebase mebibytesPerSecond(long limit) {
    return bandwidth(Bandwidths.mebibytes(limit));
  }

  /**
   * Id for the job; the same id with the same request is one job (R1). Default: the daemon makes
   * one.
   */
  public BlockRebase jobId(String id) {
    request.setJobId(id);
    return this;
  }

  /**
   * Checks everything and starts nothing; answers the job that would be started.
   *
   * @throws DroverException as BlockRebase documents
   */
  public Job validate() {
    return call(request.clone().setValidateOnly(true).build());
  }

  /**
   * Starts the job and returns as soon as it is recorded and taken up.
   *
   * @throws DroverException as BlockRebase documents
   */
  public JobHandle start() {
    return new JobHandle(connection, call(request.build()));
  }

  private Job call(BlockRebaseRequest built) {
    return connection
        .call(BlockServiceGrpc.getBlockRebaseMethod(), built, connection.settings().deadline())
        .getJob();
  }
}
