package dev.drover.client.cli;

import com.google.protobuf.util.Durations;
import dev.drover.v1.CallWait;
import dev.drover.v1.DomainWait;
import dev.drover.v1.DriverWaits;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.InspectWaitsResponse;
import dev.drover.v1.JobWait;
import dev.drover.v1.LaneWait;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The commands under {@code drover debug}. */
final class DebugCommands {
  private DebugCommands() {}

  @Command(name = "debug", description = "Look into the daemon.")
  static final class Group extends CommandGroup {}

  @Command(
      name = "stuck",
      description = {
        "Show who waits for what: commands that hypervisors do not answer, domains that are held,"
            + " jobs that stand still, calls that have not ended. It answers while they hang.",
        "Needs the permission host.admin."
      })
  static final class Stuck extends Verb {
    private static final String OLDER_THAN = "--older-than";

    @Option(
        names = OLDER_THAN,
        paramLabel = "TIME",
        description = "Only what has lasted so long, for example 500ms or 1m; by default 1s.")
    private @Nullable String olderThan;

    Stuck(Session session) {
      super(session);
    }

    @Override
    void run() {
      InspectWaitsRequest.Builder request = InspectWaitsRequest.newBuilder();
      if (olderThan != null) {
        request.setMinimumAge(
            Durations.fromNanos(DurationOption.parse(olderThan, OLDER_THAN).toNanos()));
      }
      InspectWaitsResponse waits = drover().host().waits(request.build());
      if (!output().forPeople()) {
        output().message(waits);
        return;
      }
      List<String> sections = new ArrayList<>();
      waits.getDriversList().forEach(driver -> addDriver(sections, driver));
      if (waits.getCallsCount() > 0) {
        sections.add(section("Calls", calls(waits.getCallsList())));
      }
      if (waits.getStore().hasWriting()) {
        sections.add(
            "Store: a transaction has lasted %s; %d wait for it\n"
                .formatted(
                    Texts.age(waits.getStore().getWriting()), waits.getStore().getWaiting()));
      }
      output().line(sections.isEmpty() ? "Nothing is stuck" : String.join("\n", sections));
    }

    private void addDriver(List<String> sections, DriverWaits driver) {
      if (!driver.getUnreadDetail().isEmpty()) {
        sections.add("Driver %s: %s\n".formatted(driver.getScheme(), driver.getUnreadDetail()));
      }
      if (driver.getDomainsCount() > 0) {
        sections.add(section("Domains of " + driver.getScheme(), domains(driver.getDomainsList())));
      }
      if (driver.getJobsCount() > 0) {
        sections.add(section("Jobs of " + driver.getScheme(), jobs(driver.getJobsList())));
      }
    }

    private String section(String title, Table table) {
      return title + "\n" + output().rendered(table);
    }

    private static Table domains(List<DomainWait> domains) {
      List<List<String>> rows = new ArrayList<>();
      for (DomainWait domain : domains) {
        rows.add(
            List.of(
                Table.orDash(domain.getName()),
                command(domain),
                domain.hasLane() ? lane(domain.getLane()) : "-",
                Table.orDash(
                    String.join(", ", domain.getWaitingList().stream().map(Stuck::lane).toList())),
                domain.getUnresponsive()
                    ? "unresponsive: " + domain.getUnresponsiveDetail()
                    : "-"));
      }
      return new Table(List.of("Domain", "Unanswered", "Held by", "Waiting", "State"), rows);
    }

    private static String command(DomainWait domain) {
      if (!domain.hasOldestCommand()) {
        return "-";
      }
      int others = domain.getCommands() - 1;
      return "%s for %s%s%s"
          .formatted(
              domain.getOldestCommand().getCommand(),
              Texts.age(domain.getOldestCommand().getAge()),
              domain.getOldestCommand().getGivenUp() ? ", given up" : "",
              others > 0 ? ", and %d more".formatted(others) : "");
    }

    private static String lane(LaneWait lane) {
      return "%s for %s".formatted(lane.getOperation(), Texts.age(lane.getAge()));
    }

    private static Table jobs(List<JobWait> jobs) {
      List<List<String>> rows = new ArrayList<>();
      for (JobWait job : jobs) {
        rows.add(
            List.of(
                job.getId(),
                Texts.kind(job.getKind()),
                job.getDomainName(),
                Table.orDash(job.getDisk()),
                Texts.state(job.getState()),
                Texts.age(job.getAge()),
                held(job)));
      }
      return new Table(
          List.of("Job", "Type", "Domain", "Disk", "State", "Unmoved", "Blocked by"), rows);
    }

    private static String held(JobWait job) {
      if (job.getBlocked()) {
        return job.getBlockedDetail();
      }
      return job.hasQueuePlace()
          ? "%s, behind %s"
              .formatted(
                  Texts.place(job.getQueuePlace()),
                  Table.orDash(String.join(", ", job.getPlaceHolderJobIdsList())))
          : "-";
    }

    private static Table calls(List<CallWait> calls) {
      List<List<String>> rows = new ArrayList<>();
      for (CallWait call : calls) {
        rows.add(
            List.of(
                Texts.age(call.getAge()),
                Table.orDash(call.getMethod()),
                Table.orDash(call.getPrincipal()),
                Table.orDash(call.getDomain()),
                Table.orDash(call.getJobId()),
                call.getCallId()));
      }
      return new Table(List.of("Age", "Method", "Caller", "Domain", "Job", "Call"), rows);
    }

    @Override
    String failure() {
      return "Failed to look at what waits";
    }
  }
}
