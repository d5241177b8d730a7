package dev.drover.client.cli;

import dev.drover.v1.Domain;
import dev.drover.v1.Job;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code drover top}: domains and the jobs that go on, over and over. Both come from the daemon's
 * model, a page at a time, so that a domain that hangs is shown as that and holds nothing up.
 */
@Command(
    name = "top",
    description = {
      "Show active domains and the jobs that go on, refreshed until q or Ctrl-C is pressed.",
      "With --once, for programs, or where there is no terminal, it shows them once."
    })
final class TopCommand extends Verb {
  private static final String DELAY = "--delay";
  private static final Duration LEAST_DELAY = Duration.ofMillis(100);

  @Option(names = "--once", description = "Show them once and end.")
  private boolean once;

  @Option(names = "--all", description = "Inactive domains too.")
  private boolean all;

  @Option(
      names = DELAY,
      paramLabel = "TIME",
      defaultValue = "2s",
      description = "Time between two looks, at least 100ms; by default 2s.")
  private String delay = "";

  TopCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    Duration pause = DurationOption.parse(delay, DELAY);
    if (pause.compareTo(LEAST_DELAY) < 0) {
      throw new CommandFailure(DELAY + " must be at least 100ms");
    }
    if (!output().forPeople()) {
      Map<String, List<? extends com.google.protobuf.Message>> lists = new LinkedHashMap<>();
      lists.put("domains", domains());
      lists.put("jobs", jobs());
      output().lists(lists);
    } else if (once || !session().surroundings().terminal()) {
      output().line(view(Instant.now()).stripTrailing());
    } else {
      try (TopScreen screen = TopScreen.ofProcess()) {
        do {
          screen.show(view(Instant.now()).lines().toList());
        } while (screen.stays(pause));
      }
    }
  }

  private List<Domain> domains() {
    List<Domain> domains = new ArrayList<>(drover().domains().list());
    domains.removeIf(domain -> !all && !Texts.active(domain.getStatus().getState()));
    // What needs somebody comes first.
    domains.sort(
        Comparator.comparing((Domain domain) -> !domain.getStatus().getUnresponsive())
            .thenComparing(Verb::name));
    return domains;
  }

  private List<Job> jobs() {
    List<Job> jobs =
        new ArrayList<>(drover().jobs().list(JobFilter.newBuilder().setActiveOnly(true).build()));
    jobs.sort(
        Comparator.comparing((Job job) -> !job.getBlocked()).thenComparing(Job::getDomainName));
    return jobs;
  }

  private String view(Instant now) {
    List<Domain> domains = domains();
    List<Job> jobs = jobs();
    long silent = domains.stream().filter(domain -> domain.getStatus().getUnresponsive()).count();
    long blocked = jobs.stream().filter(Job::getBlocked).count();
    return "%d domains, %d unresponsive; %d jobs, %d blocked\n\n%s\n%s"
        .formatted(
            domains.size(),
            silent,
            jobs.size(),
            blocked,
            output().rendered(domainTable(domains, now)),
            output().rendered(jobTable(jobs)));
  }

  private static Table domainTable(List<Domain> domains, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    for (Domain domain : domains) {
      rows.add(
          List.of(
              Texts.id(domain),
              name(domain),
              Texts.state(domain.getStatus()),
              Integer.toUnsignedString(domain.getSpec().getVcpus()),
              Sizes.format(
                  domain.getStatus().getCurrentMemoryBytes() == 0
                      ? domain.getSpec().getMemoryBytes()
                      : domain.getStatus().getCurrentMemoryBytes()),
              seen(domain, now)));
    }
    return new Table(List.of("Id", "Name", "State", "CPUs", "Memory", "Seen"), rows);
  }

  /** How old the answer is. */
  private static String seen(Domain domain, Instant now) {
    if (!domain.getStatus().hasObservedTime()) {
      return "-";
    }
    var observed = domain.getStatus().getObservedTime();
    Duration age =
        Duration.between(Instant.ofEpochSecond(observed.getSeconds(), observed.getNanos()), now);
    return Math.max(0, age.toSeconds()) + " s ago";
  }

  private static Table jobTable(List<Job> jobs) {
    List<List<String>> rows = new ArrayList<>();
    for (Job job : jobs) {
      JobProgress progress = job.getProgress();
      rows.add(
          List.of(
              job.getId(),
              Texts.kind(job.getKind()),
              job.getDomainName(),
              Table.orDash(job.getDisk()),
              Texts.percentage(Texts.percent(job)).strip(),
              progress.getRateBytesPerSecond() == 0
                  ? "-"
                  : Sizes.format(progress.getRateBytesPerSecond()) + "/s",
              progress.getRemainingMilliseconds() == 0
                  ? "-"
                  : Texts.duration(Duration.ofMillis(progress.getRemainingMilliseconds())),
              Texts.phase(job)));
    }
    return new Table(
        List.of("Job", "Type", "Domain", "Disk", "Done", "Rate", "Left", "State"), rows);
  }

  @Override
  String failure() {
    return "Failed to list domains and jobs";
  }
}
