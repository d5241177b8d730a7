package dev.drover.client.cli;

import dev.drover.client.JobHandle;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that make and show snapshots. */
final class SnapshotCommands {
  private SnapshotCommands() {}

  @Command(
      name = "snapshot-create-as",
      description = "Make an external snapshot of a domain's disks: each goes on in a new overlay.")
  static final class CreateAs extends DomainVerb {
    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "NAME",
        description = "Name. Default: the seconds since 1970.")
    private Optional<String> name = Optional.empty();

    @Parameters(
        index = "2",
        arity = "0..1",
        paramLabel = "DESCRIPTION",
        description = "Text for people.")
    private Optional<String> description = Optional.empty();

    @Option(names = "--disk-only", description = "Take the disks only, without memory. Required.")
    private boolean diskOnly;

    @Option(names = "--atomic", description = "All disks at one moment or none: always so.")
    private boolean atomic;

    @Option(names = "--reuse-external", description = "Use overlays that exist.")
    private boolean reuseExternal;

    @Option(names = "--no-metadata", description = "Keep no record of the snapshot.")
    private boolean noMetadata;

    @Option(
        names = "--diskspec",
        paramLabel = "DISK[,snapshot=external|no][,driver=qcow2][,file=PATH]",
        description = "Treat a disk otherwise than by default; may be repeated.")
    private List<String> diskSpecs = new ArrayList<>();

    CreateAs(Session session) {
      super(session);
    }

    @Override
    void run() {
      if (!diskOnly) {
        throw new CommandFailure("Only snapshots of the disks are supported: add --disk-only");
      }
      Snapshot snapshot =
          domain()
              .snapshot(
                  CreateSnapshotRequest.newBuilder()
                      .setName(name.orElse(""))
                      .setDescription(description.orElse(""))
                      .setAtomic(atomic)
                      .setReuseExternal(reuseExternal)
                      .setNoMetadata(noMetadata)
                      .addAllDisks(diskSpecs.stream().map(DiskSpecs::parse).toList()));
      output().done("Domain snapshot %s created".formatted(snapshot.getName()), snapshot);
    }

    @Override
    String failure() {
      return "Failed to create a snapshot of domain '%s'".formatted(words());
    }
  }

  @Command(name = "snapshot-list", description = "List a domain's snapshots.")
  static final class Listing extends DomainVerb {
    @Option(names = "--name", description = "Print names only.")
    private boolean name;

    @Option(names = "--parent", description = "Show the parent of each.")
    private boolean parent;

    @Option(names = "--tree", description = "Draw them as a tree.")
    private boolean tree;

    Listing(Session session) {
      super(session);
    }

    @Override
    void run() {
      if (tree && (name || parent)) {
        throw new CommandFailure("--tree excludes --name and --parent");
      }
      List<Snapshot> snapshots = domain().snapshots();
      if (!output().forPeople()) {
        output().messages(snapshots);
      } else if (name) {
        snapshots.forEach(snapshot -> output().line(snapshot.getName()));
      } else if (tree) {
        SnapshotTree.lines(snapshots).forEach(output()::line);
      } else {
        output().table(table(snapshots, parent, session().surroundings().zone()));
      }
    }

    private static Table table(List<Snapshot> snapshots, boolean parent, ZoneId zone) {
      List<List<String>> rows = new ArrayList<>();
      for (Snapshot snapshot : snapshots) {
        List<String> row = new ArrayList<>();
        row.add(snapshot.getName());
        row.add(Texts.time(snapshot.getCreateTime(), zone));
        row.add(Texts.snapshotState(snapshot));
        if (parent) {
          row.add(Table.orDash(snapshot.getParent()));
        }
        rows.add(row);
      }
      List<String> header = new ArrayList<>(List.of("Name", "Creation Time", "State"));
      if (parent) {
        header.add("Parent");
      }
      return new Table(header, rows);
    }

    @Override
    String failure() {
      return "Failed to list the snapshots of domain '%s'".formatted(words());
    }
  }

  @Command(name = "snapshot-info", description = "Show one snapshot.")
  static final class SnapshotInfo extends DomainVerb {
    private static final int LABEL_WIDTH = 15;

    @Parameters(index = "1", paramLabel = "SNAPSHOTNAME", description = "Name of the snapshot.")
    private String name = "";

    SnapshotInfo(Session session) {
      super(session);
    }

    @Override
    void run() {
      Snapshot snapshot = domain().snapshot(name);
      if (!output().forPeople()) {
        output().message(snapshot);
        return;
      }
      Map<String, String> values = new LinkedHashMap<>();
      values.put("Name", snapshot.getName());
      values.put("Domain", snapshot.getDomainName());
      values.put("Current", Texts.yesNo(snapshot.getCurrent()));
      values.put("State", Texts.snapshotState(snapshot));
      values.put("Location", "external");
      values.put("Parent", Table.orDash(snapshot.getParent()));
      values.put("Created", Texts.time(snapshot.getCreateTime(), session().surroundings().zone()));
      values.put(
          "Disks",
          snapshot.getDisksList().stream()
              .map(SnapshotDisk::getTarget)
              .collect(Collectors.joining(", ")));
      DomainInfoCommands.print(output(), LABEL_WIDTH, values);
    }

    @Override
    String failure() {
      return "Failed to get snapshot '%s' of domain '%s'".formatted(name, words());
    }
  }

  @Command(
      name = "snapshot-revert",
      description = {
        "Put a domain's disks back to the moment of a snapshot, each in a new overlay.",
        "A domain that is active is ended, and started anew only with --running or --paused."
      })
  static final class Revert extends DomainVerb {
    @Parameters(index = "1", paramLabel = "SNAPSHOTNAME", description = "Name of the snapshot.")
    private String name = "";

    @Option(names = "--running", description = "Start the domain afterwards.")
    private boolean running;

    @Option(names = "--paused", description = "Start it with its processors held.")
    private boolean paused;

    Revert(Session session) {
      super(session);
    }

    @Override
    void run() {
      if (running && paused) {
        throw new CommandFailure("--running excludes --paused");
      }
      RevertState target = RevertState.REVERT_STATE_SHUT_OFF;
      if (running) {
        target = RevertState.REVERT_STATE_RUNNING;
      } else if (paused) {
        target = RevertState.REVERT_STATE_PAUSED;
      }
      try (JobHandle job =
          domain()
              .revert(RevertSnapshotRequest.newBuilder().setName(name).setTargetState(target))) {
        Job ended = job.ended().join();
        if (ended.getState() != JobState.JOB_STATE_SUCCEEDED) {
          throw new CommandFailure(ended.getError().getMessage());
        }
        output().done("Domain snapshot %s reverted".formatted(name), ended);
      }
    }

    @Override
    String failure() {
      return "Failed to revert domain '%s' to snapshot '%s'".formatted(words(), name);
    }
  }
}
