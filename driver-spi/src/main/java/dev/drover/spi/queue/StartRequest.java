package dev.drover.spi.queue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;

/** A call that starts a job on a disk, as its client sent it. */
public sealed interface StartRequest {

  /** The request. */
  Message message();

  /** Id that the client chose for the job; empty: none. */
  String jobId();

  /** Request id that the client chose; empty: none. */
  String requestId();

  /** True where the client wants to know only whether the job could be started. */
  boolean validateOnly();

  /** As the queue keeps it over a restart of the daemon. */
  default Any packed() {
    return Any.pack(message());
  }

  /**
   * What {@link #packed} made.
   *
   * @throws InvalidProtocolBufferException where it cannot be read
   * @throws IllegalArgumentException where it is another request
   */
  static StartRequest unpacked(Any packed) throws InvalidProtocolBufferException {
    if (packed.is(BlockPullRequest.class)) {
      return new Pull(packed.unpack(BlockPullRequest.class));
    }
    if (packed.is(BlockCommitRequest.class)) {
      return new Commit(packed.unpack(BlockCommitRequest.class));
    }
    if (packed.is(BlockCopyRequest.class)) {
      return new Copy(packed.unpack(BlockCopyRequest.class));
    }
    if (packed.is(BlockRebaseRequest.class)) {
      return new Rebase(packed.unpack(BlockRebaseRequest.class));
    }
    throw new IllegalArgumentException(packed.getTypeUrl() + " starts no job");
  }

  /**
   * {@code BlockPull}.
   *
   * @param message the request
   */
  record Pull(BlockPullRequest message) implements StartRequest {

    @Override
    public String jobId() {
      return message.getJobId();
    }

    @Override
    public String requestId() {
      return message.getRequestId();
    }

    @Override
    public boolean validateOnly() {
      return message.getValidateOnly();
    }
  }

  /**
   * {@code BlockCommit}.
   *
   * @param message the request
   */
  record Commit(BlockCommitRequest message) implements StartRequest {

    @Override
    public String jobId() {
      return message.getJobId();
    }

    @Override
    public String requestId() {
      return message.getRequestId();
    }

    @Override
    public boolean validateOnly() {
      return message.getValidateOnly();
    }
  }

  /**
   * {@code BlockCopy}.
   *
   * @param message the request
   */
  record Copy(BlockCopyRequest message) implements StartRequest {

    @Override
    public String jobId() {
      return message.getJobId();
    }

    @Override
    public String requestId() {
      return message.getRequestId();
    }

    @Override
    public boolean validateOnly() {
      return message.getValidateOnly();
    }
  }

  /**
   * {@code BlockRebase}.
   *
   * @param message the request
   */
  record Rebase(BlockRebaseRequest message) implements StartRequest {

    @Override
    public String jobId() {
      return message.getJobId();
    }

    @Override
    public String requestId() {
      return message.getRequestId();
    }

    @Override
    public boolean validateOnly() {
      return message.getValidateOnly();
    }
  }
}
