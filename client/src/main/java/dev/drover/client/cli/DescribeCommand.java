package dev.drover.client.cli;

import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code drover desc}: shows or changes a domain's description or title. */
@Command(name = "desc", description = "Show or change a domain's description, or its title.")
final class DescribeCommand extends DomainVerb {
  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "NEW-DESC",
      description = "What it is to be; several words are joined by blanks.")
  private List<String> words = List.of();

  @Option(
      names = "--new-desc",
      paramLabel = "TEXT",
      description = "The same, for a text that is empty or begins with a dash.")
  private Optional<String> text = Optional.empty();

  @Option(names = "--title", description = "The title, in place of the description.")
  private boolean title;

  @Option(names = "--edit", description = "Change it in an editor: $VISUAL, $EDITOR or vi.")
  private boolean edit;

  @Option(names = "--yes", description = "With --edit: apply the change without a question.")
  private boolean yes;

  @Option(
      names = {"--config", "--current"},
      description = "The stored definition: always so.")
  @SuppressWarnings("unused") // Accepted as virsh does.
  private boolean config;

  DescribeCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    Optional<String> wanted =
        text.or(() -> words.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", words)));
    if (edit) {
      Domain before = stored();
      new EditSession(session().surroundings(), yes)
          .edit(
              wanted.orElse(current(before)) + "\n",
              ".txt",
              edited -> change(before, edited.strip()))
          .ifPresentOrElse(this::changed, () -> unchanged(before));
    } else if (wanted.isPresent()) {
      changed(change(stored(), wanted.get()));
    } else {
      show(domain().get());
    }
  }

  private void show(Domain domain) {
    String found = current(domain);
    output()
        .line(
            found.isEmpty() ? "No %s for domain: %s".formatted(lower(), name(domain)) : found,
            Domain.newBuilder().setSpec(with(DomainSpec.newBuilder(), found)).build());
  }

  private Domain change(Domain before, String wanted) {
    return redefine(before, with(before.getSpec().toBuilder(), wanted).build());
  }

  private DomainSpec.Builder with(DomainSpec.Builder spec, String value) {
    return title ? spec.setTitle(value) : spec.setDescription(value);
  }

  private String current(Domain domain) {
    return title ? domain.getSpec().getTitle() : domain.getSpec().getDescription();
  }

  private void changed(Domain after) {
    output().done("Domain %s updated successfully".formatted(lower()), after);
  }

  private void unchanged(Domain before) {
    output().done("Domain %s not changed".formatted(lower()), before);
  }

  private String lower() {
    return title ? "title" : "description";
  }

  @Override
  String failure() {
    return "Failed to get or change the %s of domain '%s'".formatted(lower(), words());
  }
}
