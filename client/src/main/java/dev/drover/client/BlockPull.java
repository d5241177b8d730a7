package dev.drover.client;

import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainRef;
import dev.drover.v1.Job;
import dev.drover.v1.JobErrorPolicy;

/** Describes a pull and starts it. Without any setting everything is pulled. Used by one thread. */
public final class BlockPull {
  private final Connection connection;
  private final BlockPullRequest.Builder request;

  BlockPull(Connection connection, DomainRef domain, String disk) {
    this.connection = connection;
    this.request = BlockPullRequest.newBuilder().setDomain(domain).setDisk(disk);
  }

  /** Image to keep as backing image. Default: none. */
  public BlockPull base(String image) {
    request.setBase(image);
    return this;
  }

  /** Image of the chain that receives the data. Default: the active one. */
  public BlockPull into(String image) {
    request.setInto(image);
    return this;
  }

  /** Writes a relative reference to base; needs {@link #base}. */
  public BlockPull keepRelative() {
    request.setKeepRelative(true);
    return this;
  }

  /** What an I/O error does to the job (C20). Default: a full disk blocks it, others fail it. */
  public BlockPull onError(JobErrorPolicy policy) {
    request.setOnError(policy);
    return this;
  }

  /** Limits the speed. Default: the driver's. */
  public BlockPull bandwidth(Bandwidth limit) {
    request.setBandwidth(limit);
    return this;
  }

  /**
   * Id for the job; the same id with the same request is one job (R1). Default: the daemon makes
   * one.
   */
  public BlockPull jobId(String id) {
    request.setJobId(id);
    return this;
  }

  /** Limits the speed to so many MiB/s. */
  public BlockPull mebibytesPerSecond(long limit) {
    return bandwidth(Bandwidths.mebibytes(limit));
  }

  /** Checks everything and starts nothing; answers the job that would be started. */
  public Job validate() {
    return call(request.clone().setValidateOnly(true).build());
  }

  /** Starts the job and returns as soon as it is recorded and taken up. */
  public JobHandle start() {
    return new JobHandle(connection, call(request.build()));
  }

  private Job call(BlockPullRequest built) {
    return connection
        .call(BlockServiceGrpc.getBlockPullMethod(), built, connection.settings().deadline())
        .getJob();
  }
}
