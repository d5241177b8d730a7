package dev.drover.client.cli;

import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code drover snapshot-edit}: a snapshot's XML in the person's editor, of which description and
 * parent can be changed, and the name where that is said. The rest says what its images are, which
 * no editing changes.
 */
@Command(
    name = "snapshot-edit",
    description = {
      "Change a snapshot's description or parent in an editor: $VISUAL, $EDITOR or vi; with"
          + " --rename or --clone also its name.",
      "Beside a name, --current makes the edited snapshot the current one too."
    })
final class SnapshotEditCommand extends SnapshotVerb {
  @Option(
      names = "--rename",
      description = "Let the snapshot take another name, with all that descends from it.")
  private boolean rename;

  @Option(
      names = "--clone",
      description =
          "Let another name make a second record of the same images; the snapshot keeps its own.")
  private boolean clone;

  @Option(names = "--yes", description = "Apply the changes without a question.")
  private boolean yes;

  SnapshotEditCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    exclusive("--rename", rename, "--clone", clone);
    Snapshot before = anySnapshot();
    if (rename || clone) {
      requireNameable(before);
    }
    String xml = SnapshotXml.write(before) + "\n";
    EditSession editing = new EditSession(session().surroundings(), yes);
    editing
        .edit(xml, ".xml", edited -> apply(before, xml, edited))
        .ifPresentOrElse(after -> tell(before, after), () -> unchanged(before));
  }

  private void tell(Snapshot before, Snapshot after) {
    String text;
    if (after.getName().equals(before.getName())) {
      text = "Snapshot %s edited.".formatted(before.getName());
    } else {
      text =
          "Snapshot %s %s to %s."
              .formatted(before.getName(), rename ? "renamed" : "cloned", after.getName());
    }
    output().done(text, after);
  }

  private void unchanged(Snapshot before) {
    if (makesCurrent()) {
      tell(before, enter(before, before.toBuilder()));
      return;
    }
    output().done("Snapshot %s XML configuration not changed.".formatted(before.getName()), before);
  }

  /** What could not keep its moment under another name is refused before anybody types. */
  private void requireNameable(Snapshot before) {
    if (Texts.internal(before)) {
      throw new CommandFailure(
          "snapshot '%s' is internal, and its images keep the moment under that name; change its"
                  .formatted(before.getName())
              + " description instead, or make another snapshot");
    }
    if (!clone) {
      return;
    }
    if (before.hasMemory()) {
      throw new CommandFailure(
          "snapshot '%s' holds memory, which one record only can hold; use --rename, or clone a"
                  .formatted(before.getName())
              + " snapshot of disks only");
    }
    if (before.getDeleting()
        || before.getDisksList().stream().anyMatch(SnapshotEditCommand::gone)) {
      throw new CommandFailure(
          "snapshot '%s' holds the moment of its disks no more; clone another one, or forget this"
                  .formatted(before.getName())
              + " one with 'drover snapshot-delete'");
    }
  }

  private static boolean gone(SnapshotDisk disk) {
    return disk.getStateLost() || disk.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED;
  }

  private Snapshot apply(Snapshot before, String xml, String edited) {
    Snapshot.Builder wanted = record(edited);
    if (!unchangeable(wanted).equals(unchangeable(record(xml)))) {
      throw new CommandFailure(
          "Only <name>, <description> and <parent> of a snapshot can be changed: the rest says what"
              + " its images are");
    }
    if (!wanted.getName().equals(before.getName())) {
      requireNamed(before.getName(), wanted.getName());
    }
    return enter(
        before,
        before.toBuilder()
            .setName(wanted.getName())
            .setDescription(wanted.getDescription())
            .setParent(wanted.getParent()));
  }

  private void requireNamed(String before, String after) {
    if (!rename && !clone) {
      throw new CommandFailure(
          "Must use --rename or --clone to change %s to %s".formatted(before, after));
    }
    // A record that is there and has the same images would be replaced.
    if (clone && domain().snapshots().stream().anyMatch(other -> other.getName().equals(after))) {
      throw new CommandFailure(
          "domain '%s' has a snapshot '%s' already; choose another name".formatted(words(), after));
    }
  }

  private Snapshot enter(Snapshot before, Snapshot.Builder wanted) {
    boolean renamed = !wanted.getName().equals(before.getName());
    ImportSnapshotRequest.Builder request = ImportSnapshotRequest.newBuilder();
    if (renamed && clone) {
      wanted.setCurrent(false);
    } else {
      request.setEtag(before.getEtag());
    }
    if (renamed && rename) {
      request.setRenameFrom(before.getName());
    }
    if (makesCurrent()) {
      wanted.setCurrent(true);
    }
    return domain().importSnapshot(request.setSnapshot(wanted.clearDomainSpec()));
  }

  private static Snapshot.Builder record(String xml) {
    return SnapshotRecordFile.parse("edited XML", xml.getBytes(StandardCharsets.UTF_8));
  }

  private static Snapshot unchangeable(Snapshot.Builder record) {
    return record.clone().clearName().clearDescription().clearParent().build();
  }

  @Override
  String failure() {
    return "Failed to edit snapshot %s of domain '%s'".formatted(called(), words());
  }
}
