package dev.drover.client.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** The commands under {@code drover domain}. */
final class DomainCommands {
  private DomainCommands() {}

  @Command(
      name = "domain",
      description = "Show a domain's whole record, its backing chains, or a template.")
  static final class Group extends CommandGroup {}

  @Command(
      name = "show",
      description = "Show everything known about a domain, as YAML or with -o json as JSON.",
      footer = "'drover domain show DOMAIN | drover define -' changes nothing.")
  static final class Show extends DomainVerb {
    Show(Session session) {
      super(session);
    }

    @Override
    void run() {
      output().message(domain().get());
    }

    @Override
    String failure() {
      return "Failed to get domain '%s'".formatted(words());
    }
  }

  @Command(name = "template", description = "Print a commented domain file for 'drover define'.")
  static final class Template extends Verb {
    private static final String RESOURCE = "domain-template.yaml";

    Template(Session session) {
      super(session);
    }

    @Override
    void run() {
      if (output().forPeople()) {
        output().raw(text());
      } else {
        output().document(DomainFile.tree("template", text()));
      }
    }

    static String text() {
      try (@Nullable InputStream in = DomainCommands.class.getResourceAsStream(RESOURCE)) {
        if (in == null) {
          throw new IllegalStateException(RESOURCE + " is missing from the client's jar");
        }
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(RESOURCE + " cannot be read", e);
      }
    }

    @Override
    String failure() {
      return "Failed to print the template";
    }
  }
}
