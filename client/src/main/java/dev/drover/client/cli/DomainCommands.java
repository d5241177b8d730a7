package dev.drover.client.cli;

import dev.drover.client.DomainHandle;
import dev.drover.v1.BackingChain;
import dev.drover.v1.ChainImage;
import dev.drover.v1.DomainDisk;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

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

  @Command(
      name = "chain",
      description = "Show the backing chains of a domain's disks, the active image first.")
  static final class Chain extends DomainVerb {
    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "PATH",
        description = "Target (vda) or source of the disk. Default: every disk.")
    private Optional<String> path = Optional.empty();

    Chain(Session session) {
      super(session);
    }

    @Override
    void run() {
      DomainHandle domain = domain();
      List<BackingChain> chains =
          path
              .map(List::of)
              .orElseGet(
                  () ->
                      domain.disks().stream()
                          .filter(DomainDisk::hasSource)
                          .map(DomainDisk::getTarget)
                          .toList())
              .stream()
              .map(disk -> domain.disk(disk).chain())
              .toList();
      if (output().forPeople()) {
        output().table(table(chains));
      } else if (path.isPresent()) {
        chains.forEach(output()::message);
      } else {
        output().messages(chains);
      }
    }

    private static Table table(List<BackingChain> chains) {
      List<List<String>> rows = new ArrayList<>();
      for (BackingChain chain : chains) {
        for (ChainImage image : chain.getImagesList()) {
          rows.add(
              List.of(
                  "%s[%d]".formatted(chain.getDisk(), image.getIndex()),
                  branch(image) + image.getPath(),
                  Texts.format(image.getFormat()),
                  size(image.getVirtualSizeBytes()),
                  size(image.getAllocatedBytes())));
        }
      }
      return new Table(List.of("Image", "Path", "Format", "Virtual", "Allocated"), rows);
    }

    private static String branch(ChainImage image) {
      return image.getIndex() == 0 ? "" : "  ".repeat(image.getIndex() - 1) + "+- ";
    }

    private static String size(long bytes) {
      return bytes == 0 ? "-" : Sizes.format(bytes);
    }

    @Override
    String failure() {
      return "Failed to get the backing chain of domain '%s'".formatted(words());
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
      output().raw(text());
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
