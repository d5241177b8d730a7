package dev.drover.client;

import io.grpc.Status;

/**
 * What kind of failure a {@link DroverException} is: the few words into which all reasons fall, and
 * all there is where no daemon answered. Names and meanings are those of gRPC's status codes, so
 * that a log of the daemon, a metric and this speak of the same thing.
 */
public enum ErrorCode {
  /** The call or the job was cancelled, or the thread that waited for it was interrupted. */
  CANCELLED(Status.Code.CANCELLED),

  /** Nothing more is known; also a code that is newer than this client. */
  UNKNOWN(Status.Code.UNKNOWN),

  /** The request is wrong by itself, whatever state things are in; change it. */
  INVALID_ARGUMENT(Status.Code.INVALID_ARGUMENT),

  /** No answer in time: what was asked for may have been done, or may still happen. */
  DEADLINE_EXCEEDED(Status.Code.DEADLINE_EXCEEDED),

  /** A domain, disk, image, snapshot or job does not exist. */
  NOT_FOUND(Status.Code.NOT_FOUND),

  /** What was to be made exists. */
  ALREADY_EXISTS(Status.Code.ALREADY_EXISTS),

  /** The caller is known and may not do this. */
  PERMISSION_DENIED(Status.Code.PERMISSION_DENIED),

  /** A limit was met: space, memory, a full queue; free some, or try again later. */
  RESOURCE_EXHAUSTED(Status.Code.RESOURCE_EXHAUSTED),

  /** Things are not in the state that the call needs; change that first. */
  FAILED_PRECONDITION(Status.Code.FAILED_PRECONDITION),

  /** Something else got in between; read again, decide again. */
  ABORTED(Status.Code.ABORTED),

  /** A number beyond what there is or can be. */
  OUT_OF_RANGE(Status.Code.OUT_OF_RANGE),

  /** The daemon or the driver does not have what was asked for. */
  UNIMPLEMENTED(Status.Code.UNIMPLEMENTED),

  /** Something is broken in the daemon, the hypervisor or an image; its log says more. */
  INTERNAL(Status.Code.INTERNAL),

  /** The daemon, or something behind it, does not answer; the same call may succeed later. */
  UNAVAILABLE(Status.Code.UNAVAILABLE),

  /** Data is lost or cannot be told from what is damaged. */
  DATA_LOSS(Status.Code.DATA_LOSS),

  /** The daemon does not know the caller, or one side refused the other's certificate. */
  UNAUTHENTICATED(Status.Code.UNAUTHENTICATED);

  private final Status.Code grpc;

  ErrorCode(Status.Code grpc) {
    this.grpc = grpc;
  }

  /** The number that google.rpc.Status and every client of gRPC have for it. */
  public int number() {
    return grpc.value();
  }

  /** Reads the number of a google.rpc.Status; OK, which is no failure, and what is new: UNKNOWN. */
  static ErrorCode of(int number) {
    for (ErrorCode code : values()) {
      if (code.number() == number) {
        return code;
      }
    }
    return UNKNOWN;
  }
}
