package dev.drover.client.cli;

import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code drover edit}: a domain's stored definition in the person's editor. */
@Command(
    name = "edit",
    description = {
      "Change a domain's stored definition in an editor: $VISUAL, $EDITOR or vi. Shows what has"
          + " changed and asks; without a terminal, applies it.",
      "A running domain goes on as it is: the definition holds at its next start. Refused where"
          + " somebody else has changed it meanwhile."
    })
final class EditCommand extends DomainVerb {
  @Option(names = "--yes", description = "Apply the changes without a question.")
  private boolean yes;

  @Option(
      names = "--skip-validate",
      description = "Accepted as virsh does; a definition is always checked.")
  @SuppressWarnings("unused") // There is no way around the checks.
  private boolean skipValidate;

  EditCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    Domain before = stored();
    String name = name(before);
    new EditSession(session().surroundings(), yes)
        .edit(
            Documents.yaml(before.getSpec()),
            ".yaml",
            text -> redefine(before, spec(before.getSpec(), text)))
        .ifPresentOrElse(
            after -> output().done("Domain '%s' configuration edited.".formatted(name), after),
            () -> output().done("Domain '%s' configuration not changed.".formatted(name), before));
  }

  private static DomainSpec spec(DomainSpec before, String text) {
    DomainSpec edited =
        DomainFile.parse("edited text", text).whole("edited text", "take it out").spec();
    if (!edited.getName().equals(before.getName()) || !edited.getUuid().equals(before.getUuid())) {
      throw new CommandFailure(
          "Name and uuid cannot be changed; 'drover define' makes another domain");
    }
    return edited;
  }

  @Override
  String failure() {
    return "Failed to edit domain '%s'".formatted(words());
  }
}
