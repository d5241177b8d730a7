package dev.drover.client;

import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.DomainRef;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobErrorPolicy;
import java.time.Duration;

/**
 * Describes a copy and starts it. Without any setting the whole chain is copied to a new file. Used
 * by one thread.
 */
public final class BlockCopy {
  private final Connection connection;
  private final BlockCopyRequest.Builder request;

  BlockCopy(Connection connection, DomainRef domain, String disk, Image destination) {
    this.connection = connection;
    this.request =
        BlockCopyRequest.newBuilder().setDomain(domain).setDisk(disk).setDestination(destination);
  }

  /** Copies only the active image; the destination keeps the same backing image. */
  public BlockCopy shallow() {
    request.setShallow(true);
    return this;
  }

  /** Uses the existing destination as it is. */
  public BlockCopy reuseExternal() {
    request.setReuseExternal(true);
    return this;
  }

  /** Accepts that the job ends with the running domain; recorded only. */
  public BlockCopy transientJob() {
    request.setTransientJob(true);
    return this;
  }

  /** Lets each guest write wait for the destination, so that the mirror converges. */
  public BlockCopy synchronousWrites() {
    request.getConvergenceBuilder().setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING);
    return this;
  }

  /** Granularity of the dirty bitmap in bytes. Default: the hypervisor's. */
  public BlockCopy granularityBytes(int bytes) {
    request.setGranularityBytes(bytes);
    return this;
  }

  /** Most data in flight in bytes. Default: the hypervisor's. */
  public BlockCopy bufferSizeBytes(long bytes) {
    request.setBufferSizeBytes(bytes);
    return this;
  }

  /** What an I/O error does to the job (C20). Default: a full disk blocks it, others fail it. */
  public BlockCopy onError(JobErrorPolicy policy) {
    request.setOnError(policy);
    return this;
  }

  /**
   * Holds the guest's processors once, for this time at most, when the rest can be copied in it
   * (R19).
   */
  public BlockCopy holdGuestFor(Duration atMost) {
    request
        .getConvergenceBuilder()
        .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_PAUSE)
        .setMaxPause(ProtoDurations.of(atMost));
    return this;
  }

  /**
   * Ends the job as failed, with JOB_NOT_CONVERGED, where it is not READY in this time from its
   * start (R19). Default: no limit.
   */
  public BlockCopy convergeWithin(Duration limit) {
    request.getConvergenceBuilder().setDeadline(ProtoDurations.of(limit));
    return this;
  }

  /** Limits the speed. Default: the driver's. */
  public BlockCopy bandwidth(Bandwidth limit) {
    request.setBandwidth(limit);
    return this;
  }

  /**
   * Id for the job; the same id with the same request is one job (R1). Default: the daemon makes
   * one.
   */
  public BlockCopy jobId(String id) {
    request.setJobId(id);
    return this;
  }

  /** Lets the daemon end the copy by itself once it is READY, also after this client is gone. */
  public BlockCopy thenComplete(JobCompletion completion) {
    request.setAutoComplete(completion);
    return this;
  }

  /** Limits the speed to so many MiB/s. */
  public BlockCopy mebibytesPerSecond(long limit) {
    return bandwidth(Bandwidths.mebibytes(limit));
  }

  /** Once READY, the disk goes over to the copy, also where this client is gone by then. */
  public BlockCopy thenPivot() {
    return thenComplete(JobCompletion.JOB_COMPLETION_PIVOT);
  }

  /** Once READY, the job ends and the disk stays where it is, also where this client is gone. */
  public BlockCopy thenKeep() {
    return thenComplete(JobCompletion.JOB_COMPLETION_KEEP);
  }

  /** Checks everything and starts nothing; answers the job that would be started. */
  public Job validate() {
    return call(request.clone().setValidateOnly(true).build());
  }

  /** Starts the job and returns as soon as it is recorded and taken up. */
  public JobHandle start() {
    return new JobHandle(connection, call(request.build()));
  }

  private Job call(BlockCopyRequest built) {
    return connection
        .call(BlockServiceGrpc.getBlockCopyMethod(), built, connection.settings().deadline())
        .getJob();
  }
}
