package dev.drover.client.cli;

import dev.drover.client.JobHandle;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that show one snapshot, and the one that goes back to it. */
final class SnapshotCommands {
  private SnapshotCommands() {}

  @Command(name = "snapshot-info", description = "Show one snapshot.")
  static final class SnapshotInfo extends SnapshotVerb {
    private static final int LABEL_WIDTH = 15;

    SnapshotInfo(Session session) {
      super(session);
    }

    @Override
    void run() {
      Snapshot snapshot = snapshot();
      if (!output().forPeople()) {
        output().message(snapshot);
        return;
      }
      DomainInfoCommands.print(
          output(), LABEL_WIDTH, values(snapshot, SnapshotForest.byName(domain().snapshots())));
    }

    private Map<String, String> values(Snapshot snapshot, SnapshotForest forest) {
      Map<String, String> values = new LinkedHashMap<>();
      values.put("Name", snapshot.getName());
      values.put("Domain", snapshot.getDomainName());
      values.put("Current", Texts.yesNo(snapshot.getCurrent()));
      values.put("State", Texts.standing(snapshot));
      values.put("Location", Texts.internal(snapshot) ? "internal" : "external");
      values.put("Parent", Table.orDash(snapshot.getParent()));
      values.put("Children", Integer.toString(forest.children(snapshot.getName()).size()));
      values.put("Descendants", Integer.toString(forest.descendants(snapshot.getName()).size()));
      values.put("Metadata", "yes");
      values.put("Created", Texts.time(snapshot.getCreateTime(), session().surroundings().zone()));
      values.put("Disks", disks(snapshot.getDisksList()));
      if (snapshot.hasMemory()) {
        String path = snapshot.getMemory().getPath();
        values.put("Memory", path.isEmpty() ? "in " + snapshot.getMemory().getDisk() : path);
      }
      return values;
    }

    private static String disks(List<SnapshotDisk> disks) {
      return disks.stream()
          .map(
              disk ->
                  switch (disk.getMode()) {
                    case SNAPSHOT_DISK_MODE_EXTERNAL,
                        SNAPSHOT_DISK_MODE_UNSPECIFIED,
                        UNRECOGNIZED ->
                        disk.getStateLost()
                            ? "%s (state lost by job %s)"
                                .formatted(disk.getTarget(), disk.getLostByJob())
                            : disk.getTarget();
                    case SNAPSHOT_DISK_MODE_INTERNAL -> disk.getTarget();
                    case SNAPSHOT_DISK_MODE_EXCLUDED -> disk.getTarget() + " (left out)";
                    case SNAPSHOT_DISK_MODE_MERGED -> disk.getTarget() + " (state gone)";
                  })
          .collect(Collectors.joining(", "));
    }

    @Override
    String failure() {
      return "Failed to get snapshot %s of domain '%s'".formatted(called(), words());
    }
  }

  @Command(name = "snapshot-parent", description = "Print the name of a snapshot's parent.")
  static final class Parent extends SnapshotVerb {
    Parent(Session session) {
      super(session);
    }

    @Override
    void run() {
      Snapshot snapshot = snapshot();
      if (snapshot.getParent().isEmpty()) {
        throw new CommandFailure("snapshot '%s' has no parent".formatted(snapshot.getName()));
      }
      if (output().forPeople()) {
        output().line(snapshot.getParent());
      } else {
        output().message(domain().snapshot(snapshot.getParent()));
      }
    }

    @Override
    String failure() {
      return "Failed to get the parent of snapshot %s of domain '%s'".formatted(called(), words());
    }
  }

  @Command(
      name = "snapshot-current",
      description =
          "Print the current snapshot, which the next one gets as its parent, as XML; or make"
              + " another one current.")
  static final class Current extends DomainVerb {
    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "SNAPSHOTNAME",
        description = "The snapshot to make current; neither disks nor the domain change.")
    private Optional<String> chosen = Optional.empty();

    @Option(names = "--name", description = "Print its name only.")
    private boolean name;

    @Option(
        names = "--security-info",
        description = "Accepted as virsh does: the document holds no secrets.")
    @SuppressWarnings("unused") // There is nothing to add.
    private boolean securityInfo;

    Current(Session session) {
      super(session);
    }

    @Override
    void run() {
      exclusive("--name", name, "--snapshotname", chosen.isPresent());
      if (chosen.isPresent()) {
        choose(chosen.get());
        return;
      }
      Snapshot snapshot = requireCurrent(domain().currentSnapshot());
      if (!output().forPeople()) {
        output().message(snapshot);
      } else if (name) {
        output().line(snapshot.getName());
      } else {
        output().line(SnapshotXml.write(snapshot));
      }
    }

    private void choose(String wanted) {
      Snapshot.Builder record = domain().snapshot(wanted).toBuilder();
      Snapshot snapshot =
          domain()
              .importSnapshot(
                  ImportSnapshotRequest.newBuilder()
                      .setSnapshot(record.clearDomainSpec().setCurrent(true)));
      output().done("Snapshot %s set as current".formatted(wanted), snapshot);
    }

    @Override
    String failure() {
      return chosen
          .map(
              wanted ->
                  "Failed to make snapshot '%s' of domain '%s' current".formatted(wanted, words()))
          .orElseGet(() -> "Failed to get the current snapshot of domain '%s'".formatted(words()));
    }
  }

  @Command(name = "snapshot-dumpxml", description = "Print a snapshot as libvirt's XML.")
  static final class DumpXml extends SnapshotVerb {
    @Mixin private final XPathOptions xpath = new XPathOptions();

    @Option(
        names = "--security-info",
        description = "Accepted as virsh does: the document holds no secrets.")
    @SuppressWarnings("unused") // There is nothing to add.
    private boolean securityInfo;

    DumpXml(Session session) {
      super(session);
    }

    @Override
    void run() {
      Snapshot snapshot = snapshot();
      if (output().forPeople()) {
        output().line(xpath.chosen(SnapshotXml.write(snapshot)));
      } else {
        output().message(snapshot);
      }
    }

    @Override
    String failure() {
      return "Failed to get snapshot %s of domain '%s'".formatted(called(), words());
    }
  }

  @Command(
      name = "snapshot-revert",
      description = {
        "Put a domain's disks back to the moment of a snapshot: each in a new overlay, or within"
            + " its image where the snapshot is internal.",
        "A domain that is active is ended. Where the snapshot holds memory the guest goes on from"
            + " it; otherwise it is started anew only with --running or --paused. Waits for the"
            + " job; Ctrl-C ends the waiting only."
      })
  static final class Revert extends SnapshotVerb {
    @Option(names = "--running", description = "Have the domain run afterwards.")
    private boolean running;

    @Option(names = "--paused", description = "Have it there with its processors held.")
    private boolean paused;

    @Option(
        names = {"--force", "--reset-nvram"},
        description = "Accepted as virsh does: nothing is held back, and there is no NVRAM.")
    @SuppressWarnings("unused") // What cannot be done well is refused, whatever is said.
    private boolean[] nothing = {};

    Revert(Session session) {
      super(session);
    }

    @Override
    void run() {
      exclusive("--running", running, "--paused", paused);
      String name = snapshotName();
      RevertState target = RevertState.REVERT_STATE_UNSPECIFIED;
      if (running) {
        target = RevertState.REVERT_STATE_RUNNING;
      } else if (paused) {
        target = RevertState.REVERT_STATE_PAUSED;
      }
      try (JobHandle job =
          domain()
              .revert(RevertSnapshotRequest.newBuilder().setName(name).setTargetState(target))) {
        follow(job, "Revert", "Domain snapshot %s reverted".formatted(name));
      }
    }

    @Override
    String failure() {
      return "Failed to revert domain '%s' to snapshot %s".formatted(words(), called());
    }
  }
}
