package dev.drover.qemu.block;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;

/** What the errors of jobs say. */
public final class JobErrors {

  private JobErrors() {}

  /** Why a job ended as it did. */
  public static ErrorReason reason(Job job) {
    try {
      return ErrorReason.valueOf(
          "ERROR_REASON_" + job.getError().getDetails(0).unpack(ErrorInfo.class).getReason());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
