package dev.drover.client;

import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.DomainRef;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobErrorPolicy;
import java.time.Duration;

/**
 * Describes a commit and starts it. Without any setting the whole chain above the base is meant.
 * Used by one thread.
 */
public final class BlockCommit {
  private final Connection connection;
  private final BlockCommitRequest.Builder request;

  BlockCommit(Connection connection, DomainRef domain, String disk) {
    this.connection = connection;
    this.request = BlockCommitRequest.newBuilder().setDomain(domain).setDisk(disk);
  }

  /** Image that receives the data. Default: the bottom of the chain. */
  public BlockCommit base(String image) {
    request.setBase(image);
    return this;
  }

  /** Image whose data is moved, with all between. Default: the active image. */
  public BlockCommit top(String image) {
    request.setTop(image);
    return this;
  }

  /** Commits into the image directly below top; excludes {@link #base}. */
  public BlockCommit shallow() {
    request.setShallow(true);
    return this;
  }

  /** Says that the active image is meant to be committed (D1). */
  public BlockCommit active() {
    request.setActive(true);
    return this;
  }

  /** Deletes the files that the commit makes invalid, after success. */
  public BlockCommit delete() {
    request.setDelete(true);
    return this;
  }

  /** Keeps references between images relative. */
  public BlockCommit keepRelative() {
    request.setKeepRelative(true);
    return this;
  }

  /** What an I/O error does to the job (C20). Default: a full disk blocks it, others fail it. */
  public BlockCommit onError(JobErrorPolicy policy) {
    request.setOnError(policy);
    return this;
  }

  /**
   * Holds the guest's processors once, for this time at most, when the rest can be copied in it
   * (R19).
   */
  public BlockCommit holdGuestFor(Duration atMost) {
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
  public BlockCommit convergeWithin(Duration limit) {
    request.getConvergenceBuilder().setDeadline(ProtoDurations.of(limit));
    return this;
  }

  /** Limits the speed. Default: the driver's. */
  public BlockCommit bandwidth(Bandwidth limit) {
    request.setBandwidth(limit);
    return this;
  }

  /**
   * Id for the job; the same id with the same request is one job (R1). Default: the daemon makes
   * one.
   */
  public BlockCommit jobId(String id) {
    request.setJobId(id);
    return this;
  }

  /**
   * Lets the daemon end an active commit by itself once it is READY, also after this client is gone
   * (D7).
   */
  public BlockCommit thenComplete(JobCompletion completion) {
    request.setAutoComplete(completion);
    return this;
  }

  /** Limits the speed to so many MiB/s. */
  public BlockCommit mebibytesPerSecond(long limit) {
    return bandwidth(Bandwidths.mebibytes(limit));
  }

  /** Once READY, the disk goes over to the base, also where this client is gone by then. */
  public BlockCommit thenPivot() {
    return thenComplete(JobCompletion.JOB_COMPLETION_PIVOT);
  }

  /** Once READY, the job ends and the disk stays on its overlay, also where this client is gone. */
  public BlockCommit thenKeep() {
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

  private Job call(BlockCommitRequest built) {
    return connection
        .call(BlockServiceGrpc.getBlockCommitMethod(), built, connection.settings().deadline())
        .getJob();
  }
}
