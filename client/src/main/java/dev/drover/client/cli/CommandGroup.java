package dev.drover.client.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only holds others. */
abstract class CommandGroup implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public final Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "'drover %s' needs one of: %s"
            .formatted(spec.name(), String.join(", ", spec.subcommands().keySet())));
  }
}
