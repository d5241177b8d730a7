package dev.drover.conformance.command;

import dev.drover.conformance.suite.ConformanceCase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code drover conformance list}: what there is to run. */
@Command(name = "list", description = "List cases: id, requirements they show, what they check.")
final class ListCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "ID",
      split = ConformanceCase.BETWEEN_IDS,
      description = "Requirement, or part of a case's id. Default: all cases.")
  private List<String> only = new ArrayList<>();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    CommandLine line = spec.commandLine();
    for (ConformanceCase one : new CaseChoice(only).cases()) {
      line.getOut()
          .println(
              "%s  %s  %s".formatted(one.id(), String.join(",", one.requirements()), one.title()));
    }
    return ConformanceCommand.PASSED;
  }
}
