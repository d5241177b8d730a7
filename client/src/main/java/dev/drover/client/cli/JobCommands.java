package dev.drover.client.cli;

import com.google.protobuf.util.Durations;
import dev.drover.client.JobHandle;
import dev.drover.v1.ChainImage;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobState;
import dev.drover.v1.Quiesce;
import java.time.Duration;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands under {@code drover job}. */
final class JobCommands {
  private static final Duration COMPLETION_DEADLINE = Duration.ofMinutes(5);

  private JobCommands() {}

  @Command(
      name = "job",
      description = "List, show, follow and end jobs, those that ended included.")
  static final class Group extends CommandGroup {}

  /** A command on one job, its first argument. */
  abstract static class JobVerb extends Verb {
    @Parameters(index = "0", paramLabel = "ID", description = "Id of the job.")
    private String id = "";

    JobVerb(Session session) {
      super(session);
    }

    final String id() {
      return id;
    }

    final JobHandle job() {
      return drover().jobs().get(id);
    }
  }

  @Command(
      name = "list",
      description = "List jobs, the newest first; without --all those going on.")
  static final class Listing extends Verb {
    @Option(names = "--all", description = "Jobs that ended too.")
    private boolean all;

    @Option(names = "--domain", paramLabel = "DOMAIN", description = "Jobs on this domain only.")
    private Optional<String> domain = Optional.empty();

    Listing(Session session) {
      super(session);
    }

    @Override
    void run() {
      JobFilter.Builder filter = JobFilter.newBuilder().setActiveOnly(!all);
      domain.ifPresent(words -> filter.setDomain(domain(words).ref()));
      List<Job> jobs = drover().jobs().list(filter.build());
      if (output().forPeople()) {
        output().table(table(jobs, session().surroundings().zone()));
      } else {
        output().messages(jobs);
      }
    }

    private static Table table(List<Job> jobs, ZoneId zone) {
      return new Table(
          List.of("Id", "Kind", "Domain", "Disk", "State", "Progress", "Created"),
          jobs.stream()
              .map(
                  job ->
                      List.of(
                          job.getId(),
                          Texts.kind(job.getKind()),
                          job.getDomainName(),
                          Table.orDash(job.getDisk()),
                          Texts.standing(job),
                          Texts.percentage(Texts.percent(job)).strip(),
                          Texts.time(job.getCreateTime(), zone)))
              .toList());
    }

    @Override
    String failure() {
      return "Failed to list jobs";
    }
  }

  @Command(
      name = "show",
      description = "Show a job: progress, error, and what it did to the chain.")
  static final class Show extends JobVerb {
    private static final int LABEL_WIDTH = 15;

    Show(Session session) {
      super(session);
    }

    @Override
    void run() {
      Job job = job().latest();
      if (!output().forPeople()) {
        output().message(job);
        return;
      }
      DomainInfoCommands.print(output(), LABEL_WIDTH, values(job, session().surroundings().zone()));
      if (job.hasSnapshotPlan()) {
        output().line("");
        output().table(SnapshotPlans.progress(job.getSnapshotPlan()));
      }
    }

    private static Map<String, String> values(Job job, ZoneId zone) {
      Map<String, String> values = new LinkedHashMap<>();
      values.put("Id", job.getId());
      values.put("Kind", Texts.kind(job.getKind()));
      values.put("State", Texts.phase(job));
      values.put("Domain", job.getDomainName());
      values.put("Disk", Table.orDash(job.getDisk()));
      if (!job.getSnapshot().isEmpty()) {
        values.put("Snapshot", job.getSnapshot());
      }
      values.put("Owner", Table.orDash(job.getOwner()));
      values.put(
          "Progress",
          "%s, %s of %s"
              .formatted(
                  Texts.percentage(Texts.percent(job)).strip(),
                  Sizes.format(job.getProgress().getOffsetBytes()),
                  Sizes.format(job.getProgress().getTotalBytes())));
      values.put("Created", Texts.time(job.getCreateTime(), zone));
      values.put("Ready", Texts.time(job.getReadyTime(), zone));
      values.put("Ended", Texts.time(job.getEndTime(), zone));
      if (job.hasError()) {
        values.put("Error", job.getError().getMessage());
      }
      if (job.hasResult()) {
        values.put("Chain before", chain(job.getResult().getChainBeforeList()));
        values.put("Chain after", chain(job.getResult().getChainAfterList()));
        values.put("Pivoted", Texts.yesNo(job.getResult().getPivoted()));
        if (job.getResult().hasGuestPause()) {
          values.put("Guest held", Durations.toMillis(job.getResult().getGuestPause()) + " ms");
        }
        values.put("Invalid files", paths(job.getResult().getInvalidatedPathsList()));
        values.put("Deleted files", paths(job.getResult().getDeletedPathsList()));
      }
      for (String warning : job.getResult().getWarningsList()) {
        values.merge("Warning", warning, (left, right) -> left + "; " + right);
      }
      return values;
    }

    /** Base first, as chains are drawn in libvirt's documentation. */
    private static String chain(List<ChainImage> images) {
      return Table.orDash(
          images.reversed().stream().map(ChainImage::getPath).collect(Collectors.joining(" <- ")));
    }

    private static String paths(List<String> paths) {
      return Table.orDash(String.join(", ", paths));
    }

    @Override
    String failure() {
      return "Failed to get job '%s'".formatted(id());
    }
  }

  @Command(
      name = "wait",
      description = {
        "Follow a job until it has ended, or is ready and waits for somebody to end it. Neither"
            + " Ctrl-C nor the timeout changes the job."
      })
  static final class Wait extends JobVerb {
    @Option(names = "--ended", description = "Follow a job that is ready, too, until it has ended.")
    private boolean ended;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "Give up after this time.")
    private Optional<Long> timeout = Optional.empty();

    Wait(Session session) {
      super(session);
    }

    @Override
    void run() {
      JobHandle job = job();
      boolean endsByItself =
          job.latest().getCompletion() != JobCompletion.JOB_COMPLETION_UNSPECIFIED;
      JobWait wait = new JobWait(session(), job);
      switch (wait.until(ended || endsByItself, timeout.map(Duration::ofSeconds))) {
        case JobWait.Outcome.Reached reached -> report(reached.job());
        case JobWait.Outcome.Interrupted() -> throw wait.goesOn("Stopped following job '%s'");
        case JobWait.Outcome.TimedOut() -> throw wait.goesOn("Job '%s' has not ended in time");
      }
    }

    private void report(Job job) {
      output().done("Job '%s' %s".formatted(job.getId(), Texts.state(job.getState())), job);
      if (job.getState() == JobState.JOB_STATE_FAILED
          || job.getState() == JobState.JOB_STATE_CANCELLED) {
        throw job.hasError()
            ? new CommandFailure(job.getError().getMessage())
            : new CommandFailure();
      }
    }

    @Override
    String failure() {
      return "Failed to follow job '%s'".formatted(id());
    }
  }

  @Command(name = "resume", description = "Let a job that an I/O error blocks try again at once.")
  static final class Resume extends JobVerb {
    Resume(Session session) {
      super(session);
    }

    @Override
    void run() {
      Job job = job().resume();
      output().done("Job '%s' %s".formatted(job.getId(), Texts.phase(job)), job);
    }

    @Override
    String failure() {
      return "Failed to resume job '%s'".formatted(id());
    }
  }

  @Command(name = "cancel", description = "End a job; the disk stays on its source.")
  static final class Cancel extends JobVerb {
    @Option(names = "--async", description = "Do not wait for the end of the job.")
    private boolean async;

    Cancel(Session session) {
      super(session);
    }

    @Override
    void run() {
      Job job = job().cancel(async);
      output().done("Job '%s' %s".formatted(job.getId(), Texts.state(job.getState())), job);
    }

    @Override
    String failure() {
      return "Failed to cancel job '%s'".formatted(id());
    }
  }

  @Command(
      name = "complete",
      description = "End a job that is ready, or several of a domain at one moment.")
  static final class Complete extends Verb {
    @Parameters(index = "0", arity = "1..*", paramLabel = "ID", description = "Ids of the jobs.")
    private List<String> ids = List.of();

    @Option(names = "--pivot", description = "The disk goes over to the new image.")
    private boolean pivot;

    @Option(names = "--keep", description = "The disk stays; the other image is left as it is now.")
    private boolean keep;

    @Option(names = "--async", description = "Do not wait for the end of the job.")
    private boolean async;

    @Option(
        names = "--hold-guest",
        description = "Hold the guest's processors meanwhile; several jobs always do.")
    private boolean holdGuest;

    @Option(names = "--quiesce", description = "Freeze the guest's file systems meanwhile.")
    private boolean quiesce;

    @Option(
        names = "--timeout",
        paramLabel = "SECONDS",
        description = "Wait for the end no longer than this; default 300.")
    private long timeout = COMPLETION_DEADLINE.toSeconds();

    Complete(Session session) {
      super(session);
    }

    @Override
    void run() {
      if (pivot == keep) {
        throw new CommandFailure("Say how the job is to end: --pivot or --keep");
      }
      if (timeout < 1) {
        throw new CommandFailure("--timeout must be at least 1 second");
      }
      if (ids.size() == 1) {
        one();
      } else if (async) {
        throw new CommandFailure("Several jobs are ended while you wait: leave out --async");
      } else {
        together();
      }
    }

    private void one() {
      CompleteJobRequest.Builder request =
          CompleteJobRequest.newBuilder()
              .setCompletion(completion())
              .setAsync(async)
              .setHoldGuest(holdGuest);
      if (quiesce) {
        request.setQuiesce(Quiesce.getDefaultInstance());
      }
      Job job = drover().jobs().get(ids.getFirst()).complete(request, Duration.ofSeconds(timeout));
      output().done(Texts.ended(job), job);
    }

    private void together() {
      CompleteJobsRequest.Builder request =
          CompleteJobsRequest.newBuilder().setCompletion(completion());
      if (quiesce) {
        request.setQuiesce(Quiesce.getDefaultInstance());
      }
      CompleteJobsResponse ended =
          drover().jobs().completeTogether(ids, request, Duration.ofSeconds(timeout));
      output()
          .done(
              "%d jobs succeeded%s"
                  .formatted(
                      ended.getJobsCount(),
                      Texts.held(ended.hasGuestPause(), ended.getGuestPause())),
              ended);
    }

    private JobCompletion completion() {
      return pivot ? JobCompletion.JOB_COMPLETION_PIVOT : JobCompletion.JOB_COMPLETION_KEEP;
    }

    @Override
    String failure() {
      return ids.size() == 1
          ? "Failed to complete job '%s'".formatted(ids.getFirst())
          : "Failed to complete the jobs";
    }
  }
}
