package dev.drover.client.cli;

import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that give the next start of a domain other processors or memory. */
final class ResizeCommands {
  private ResizeCommands() {}

  /** A change of the stored definition; the running guest keeps what it has. */
  abstract static class ResizeVerb extends DomainVerb {
    @Option(names = "--config", description = "Change what the next start has.")
    private boolean config;

    @Option(names = "--current", description = "The same, where the domain is shut off: default.")
    @SuppressWarnings("unused") // Accepted as virsh does.
    private boolean current;

    ResizeVerb(Session session) {
      super(session);
    }

    /** Stores the changed spec; says nothing, as virsh. */
    final void change(UnaryOperator<DomainSpec.Builder> change) {
      Domain before = stored();
      if (!config && Texts.active(before.getStatus().getState())) {
        throw new CommandFailure(
            failure(),
            "domain '%s' is running and keeps what it has; --config changes its next start"
                .formatted(name(before)));
      }
      Domain after = redefine(before, change.apply(before.getSpec().toBuilder()).build());
      if (!output().forPeople()) {
        output().message(after);
      }
    }
  }

  @Command(name = "setvcpus", description = "Give a domain another number of processors.")
  static final class SetVcpus extends ResizeVerb {
    @Parameters(index = "1", paramLabel = "COUNT", description = "Number of processors.")
    private int count;

    @Option(names = "--maximum", description = "The most there may be: it is the same number.")
    @SuppressWarnings("unused") // Accepted as virsh does.
    private boolean maximum;

    SetVcpus(Session session) {
      super(session);
    }

    @Override
    void run() {
      if (count < 1) {
        throw new CommandFailure("COUNT must be at least 1");
      }
      change(spec -> spec.setVcpus(count));
    }

    @Override
    String failure() {
      return "Failed to change the processors of domain '%s'".formatted(words());
    }
  }

  /** A change of the memory. */
  abstract static class SetMemoryVerb extends ResizeVerb {
    @Parameters(
        index = "1",
        paramLabel = "SIZE",
        description = "In KiB, or with a unit: 512MiB, 2GiB.")
    private String size = "";

    SetMemoryVerb(Session session) {
      super(session);
    }

    @Override
    final void run() {
      long bytes =
          Sizes.parse(size.matches("[0-9]+") ? size + "KiB" : size)
              .orElseThrow(() -> new CommandFailure("Size '%s' is not a size".formatted(size)));
      change(spec -> spec.setMemoryBytes(bytes));
    }

    @Override
    final String failure() {
      return "Failed to change the memory of domain '%s'".formatted(words());
    }
  }

  @Command(name = "setmem", description = "Give a domain another amount of memory.")
  static final class SetMemory extends SetMemoryVerb {
    SetMemory(Session session) {
      super(session);
    }
  }

  @Command(name = "setmaxmem", description = "The same as setmem: a guest has all its memory.")
  static final class SetMaximumMemory extends SetMemoryVerb {
    SetMaximumMemory(Session session) {
      super(session);
    }
  }
}
