package dev.drover.client.cli;

import dev.drover.client.JobHandle;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.Quiesce;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code drover blockjob}: shows, ends or slows down the job that holds a disk. */
@Command(name = "blockjob", description = "Show the job on a disk, end it, or change its speed.")
final class BlockJobCommand extends DomainVerb {
  private static final Duration COMPLETION_DEADLINE = Duration.ofMinutes(5);
  private static final double MEBIBYTE = 1 << 20;

  @Parameters(index = "1", paramLabel = "PATH", description = "Target (vda) or source of the disk.")
  private String path = "";

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "BANDWIDTH",
      description = "New speed limit in MiB/s; 0: none.")
  private Optional<String> bandwidth = Optional.empty();

  @Option(names = "--abort", description = "End the job; the disk stays on its source.")
  private boolean abort;

  @Option(names = "--async", description = "Do not wait for the end of the job.")
  private boolean async;

  @Option(names = "--pivot", description = "End the job; the disk goes over to the new image.")
  private boolean pivot;

  @Option(
      names = "--hold-guest",
      description = "With --pivot, hold the guest's processors while the disk goes over.")
  private boolean holdGuest;

  @Option(
      names = "--quiesce",
      description = "With --pivot, freeze the guest's file systems while the disk goes over.")
  private boolean quiesce;

  @Option(names = "--info", description = "Show the job: the default.")
  private boolean info;

  @Option(names = "--raw", description = "Show the job's numbers for programs.")
  private boolean raw;

  @Option(
      names = "--bytes",
      description = "The bandwidth is in bytes/s; units such as 10MiB are understood.")
  private boolean bytes;

  BlockJobCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    boolean ends = abort || pivot || async;
    if ((ends && (info || raw || bandwidth.isPresent()))
        || (bandwidth.isPresent() && (info || raw))) {
      throw new CommandFailure(
          "Ending a job, showing it and changing its speed exclude each other");
    }
    if (!pivot && (holdGuest || quiesce)) {
      throw new CommandFailure(
          "%s needs --pivot".formatted(holdGuest ? "--hold-guest" : "--quiesce"));
    }
    Optional<JobHandle> job = domain().disk(path).activeJob();
    if (ends) {
      end(job.orElseThrow(this::noJob));
    } else if (bandwidth.isPresent()) {
      Job slowed =
          job.orElseThrow(this::noJob).setSpeed(BandwidthOption.parse(bandwidth.get(), bytes));
      if (!output().forPeople()) {
        output().message(slowed);
      }
    } else {
      show(job.map(JobHandle::latest));
    }
  }

  private CommandFailure noJob() {
    return new CommandFailure(
        failure(),
        "Disk '%s' does not have an active block job; 'drover job list --all' shows those that ended"
            .formatted(path));
  }

  private void end(JobHandle job) {
    if (pivot) {
      CompleteJobRequest.Builder request =
          CompleteJobRequest.newBuilder()
              .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
              .setAsync(async)
              .setHoldGuest(holdGuest);
      if (quiesce) {
        request.setQuiesce(Quiesce.getDefaultInstance());
      }
      Job ended = job.complete(request, COMPLETION_DEADLINE);
      if (!output().forPeople()) {
        output().message(ended);
      } else if (ended.getResult().hasGuestPause()) {
        output().confirm(Texts.ended(ended));
      }
    } else {
      Job ended = job.cancel(async);
      if (!output().forPeople()) {
        output().message(ended);
      }
    }
  }

  private void show(Optional<Job> found) {
    if (!output().forPeople()) {
      output().message(found.orElse(Job.getDefaultInstance()));
    } else if (raw) {
      found.ifPresent(this::printRaw);
    } else if (found.isPresent()) {
      printInfo(found.get());
    } else {
      output().confirm("No current block job for %s".formatted(path));
    }
  }

  private void printRaw(Job job) {
    long speed = job.getSpeedBytesPerSecond();
    output().line(" type=" + Texts.kind(job.getKind()));
    output().line(" bandwidth=" + (bytes ? speed : Math.ceilDiv(speed, (long) MEBIBYTE)));
    output().line(" cur=" + Long.toUnsignedString(job.getProgress().getOffsetBytes()));
    output().line(" end=" + Long.toUnsignedString(job.getProgress().getTotalBytes()));
  }

  private void printInfo(Job job) {
    ProgressLine line =
        new ProgressLine(
            session().surroundings().err(),
            session().surroundings().errorTerminal(),
            session().surroundings().columns());
    line.show(job);
    line.end();
    long speed = job.getSpeedBytesPerSecond();
    if (speed != 0) {
      output()
          .line(
              String.format(
                  Locale.ROOT,
                  "    Bandwidth limit: %d bytes/s (%.3f MiB/s)",
                  speed,
                  speed / MEBIBYTE));
    }
  }

  @Override
  String failure() {
    return "Failed to query or change the job on disk '%s' of domain '%s'".formatted(path, words());
  }
}
