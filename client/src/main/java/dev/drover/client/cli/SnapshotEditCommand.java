package dev.drover.client.cli;

import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Snapshot;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code drover snapshot-edit}: a snapshot's XML in the person's editor, of which description and
 * parent can be changed. The rest says what its images are, which no editing changes.
 */
@Command(
    name = "snapshot-edit",
    description = "Change a snapshot's description or parent in an editor: $VISUAL, $EDITOR or vi.")
final class SnapshotEditCommand extends SnapshotVerb {
  @Option(names = "--yes", description = "Apply the changes without a question.")
  private boolean yes;

  SnapshotEditCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    Snapshot before = snapshot();
    String xml = SnapshotXml.write(before) + "\n";
    EditSession editing = new EditSession(session().surroundings(), yes);
    editing
        .edit(xml, ".xml", edited -> apply(before, xml, edited))
        .ifPresentOrElse(
            after -> output().done("Snapshot %s edited.".formatted(before.getName()), after),
            () ->
                output()
                    .done(
                        "Snapshot %s XML configuration not changed.".formatted(before.getName()),
                        before));
  }

  private Snapshot apply(Snapshot before, String xml, String edited) {
    Snapshot.Builder wanted = record(edited);
    if (!unchangeable(wanted).equals(unchangeable(record(xml)))) {
      throw new CommandFailure(
          "Only <description> and <parent> of a snapshot can be changed: the rest says what its"
              + " images are");
    }
    return domain()
        .importSnapshot(
            ImportSnapshotRequest.newBuilder()
                .setEtag(before.getEtag())
                .setSnapshot(
                    before.toBuilder()
                        .clearDomainSpec()
                        .setDescription(wanted.getDescription())
                        .setParent(wanted.getParent())));
  }

  private static Snapshot.Builder record(String xml) {
    return SnapshotRecordFile.parse("edited XML", xml.getBytes(StandardCharsets.UTF_8));
  }

  private static Snapshot unchangeable(Snapshot.Builder record) {
    return record.clone().clearDescription().clearParent().build();
  }

  @Override
  String failure() {
    return "Failed to edit snapshot %s of domain '%s'".formatted(called(), words());
  }
}
