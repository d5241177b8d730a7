package dev.drover.qemu.block;

import dev.drover.v1.Job;

/** Which images a job reads and writes, for those who have to look after their storage. */
final class JobImages {

  private JobImages() {}

  /** Path of the image that receives the job's data. */
  static String written(Job job) {
    return switch (job.getKind()) {
      case JOB_KIND_COPY -> job.getRequest().getDestination().getPath();
      case JOB_KIND_COMMIT, JOB_KIND_ACTIVE_COMMIT -> job.getRequest().getBase();
      case JOB_KIND_PULL,
          JOB_KIND_SNAPSHOT_DELETE,
          JOB_KIND_SNAPSHOT_REVERT,
          JOB_KIND_UNSPECIFIED,
          UNRECOGNIZED ->
          active(job);
    };
  }

  /** Path of the highest image that the job reads. */
  static String read(Job job) {
    return job.getRequest().getTop().isEmpty() ? active(job) : job.getRequest().getTop();
  }

  private static String active(Job job) {
    return job.getResult().getChainBefore(0).getPath();
  }
}
