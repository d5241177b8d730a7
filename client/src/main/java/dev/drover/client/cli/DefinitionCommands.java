package dev.drover.client.cli;

import dev.drover.client.DomainHandle;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.UndefineDomainResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that store and forget definitions. */
final class DefinitionCommands {
  private DefinitionCommands() {}

  @Command(
      name = "define",
      description =
          "Store a domain, or replace its definition, from a file in YAML, JSON or libvirt's XML.",
      footer = "'drover domain template' prints a commented example.")
  static final class Define extends Verb {
    @Mixin private DomainFileArgument file = new DomainFileArgument();

    @Option(names = "--validate-only", description = "Check the file and store nothing.")
    private boolean validateOnly;

    @Option(names = "--validate", description = "Check the file before: always so.")
    @SuppressWarnings("unused") // Accepted as virsh does.
    private boolean validate;

    Define(Session session) {
      super(session);
    }

    @Override
    void run() {
      DomainFile.Definition definition = file.read(session().surroundings());
      Domain domain =
          drover()
              .domains()
              .define(
                  DefineDomainRequest.newBuilder()
                      .setSpec(definition.spec())
                      .setEtag(definition.etag())
                      .setValidateOnly(validateOnly)
                      .build());
      String text = validateOnly ? "Domain '%s' validated from %s" : "Domain '%s' defined from %s";
      output().done(text.formatted(name(domain), file.words()), domain);
    }

    @Override
    String failure() {
      return "Failed to define domain from %s".formatted(file.words());
    }
  }

  @Command(
      name = "create",
      description =
          "Start a transient domain from a file in YAML, JSON or libvirt's XML; it is forgotten"
              + " when it ends.",
      footer = "'drover domain template' prints a commented example.")
  static final class Create extends Verb {
    @Mixin private DomainFileArgument file = new DomainFileArgument();

    @Option(names = "--paused", description = "Hold the processors after the start.")
    private boolean paused;

    @Option(
        names = {"--validate", "--reset-nvram"},
        description = "Accepted as virsh does: a file is always checked, and there is no NVRAM.")
    @SuppressWarnings("unused") // There is nothing to do besides.
    private boolean[] nothing = {};

    Create(Session session) {
      super(session);
    }

    @Override
    void run() {
      DomainFile.Definition definition = file.read(session().surroundings());
      DomainHandle handle = drover().domains().create(definition.spec(), paused);
      Domain domain = handle.get();
      output().done("Domain '%s' created from %s".formatted(name(domain), file.words()), domain);
    }

    @Override
    String failure() {
      return "Failed to create domain from %s".formatted(file.words());
    }
  }

  @Command(name = "undefine", description = "Forget a domain's definition; images are kept.")
  static final class Undefine extends DomainVerb {
    @Option(
        names = "--snapshots-metadata",
        description = "Forget the records of its snapshots too.")
    private boolean snapshotsMetadata;

    @Option(
        names = "--keep-snapshots",
        description = "Keep them for a later definition with the same UUID.")
    private boolean keepSnapshots;

    @Option(
        names = {
          "--managed-save",
          "--checkpoints-metadata",
          "--nvram",
          "--keep-nvram",
          "--tpm",
          "--keep-tpm"
        },
        description = "Accepted as virsh does: a domain has none of these.")
    @SuppressWarnings("unused") // There is nothing to remove or to keep.
    private boolean[] nothing = {};

    Undefine(Session session) {
      super(session);
    }

    @Override
    void run() {
      exclusive("--snapshots-metadata", snapshotsMetadata, "--keep-snapshots", keepSnapshots);
      DomainHandle handle = domain();
      if (keepSnapshots) {
        handle.undefineKeepingSnapshots();
      } else {
        handle.undefine(snapshotsMetadata);
      }
      output()
          .done(
              "Domain '%s' has been undefined".formatted(words()),
              UndefineDomainResponse.getDefaultInstance());
    }

    @Override
    String failure() {
      return "Failed to undefine domain '%s'".formatted(words());
    }
  }
}
