package dev.drover.client.cli;

import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Snapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * {@code drover snapshot-edit}: a snapshot's XML in the person's editor, of which description and
 * parent can be changed. The rest says what its images are, which no editing changes.
 */
@Command(
    name = "snapshot-edit",
    description = "Change a snapshot's description or parent in an editor: $VISUAL, $EDITOR or vi.")
final class SnapshotEditCommand extends SnapshotVerb {
  SnapshotEditCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    Snapshot before = snapshot();
    String xml = SnapshotXml.write(before) + "\n";
    String edited = edited(xml);
    if (edited.equals(xml)) {
      output().confirm("Snapshot %s XML configuration not changed.".formatted(before.getName()));
      return;
    }
    Snapshot.Builder wanted = record(edited);
    if (!unchangeable(wanted).equals(unchangeable(record(xml)))) {
      throw new CommandFailure(
          "Only <description> and <parent> of a snapshot can be changed: the rest says what its"
              + " images are");
    }
    Snapshot after =
        domain()
            .importSnapshot(
                ImportSnapshotRequest.newBuilder()
                    .setSnapshot(
                        before.toBuilder()
                            .clearDomainSpec()
                            .setDescription(wanted.getDescription())
                            .setParent(wanted.getParent())));
    output().done("Snapshot %s edited.".formatted(before.getName()), after);
  }

  private static Snapshot.Builder record(String xml) {
    return SnapshotRecordFile.parse("edited XML", xml.getBytes(StandardCharsets.UTF_8));
  }

  private static Snapshot unchangeable(Snapshot.Builder record) {
    return record.clone().clearDescription().clearParent().build();
  }

  private String edited(String xml) {
    try {
      Path file = Files.createTempFile("drover-", ".xml");
      try {
        Files.writeString(file, xml);
        edit(file);
        return Files.readString(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new CommandFailure("The XML cannot be edited: " + e.getMessage());
    }
  }

  /** The editor is the person's, who takes whatever time it takes. */
  private void edit(Path file) throws IOException {
    Map<String, String> environment = session().surroundings().environment();
    String editor = environment.getOrDefault("VISUAL", environment.getOrDefault("EDITOR", "vi"));
    Process process =
        new ProcessBuilder("sh", "-c", editor + " \"$1\"", "sh", file.toString())
            .inheritIO()
            .start();
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new CommandFailure("Editor '%s' ended with code %d".formatted(editor, code));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("Editor '%s' was given up".formatted(editor));
    }
  }

  @Override
  String failure() {
    return "Failed to edit snapshot %s of domain '%s'".formatted(called(), words());
  }
}
