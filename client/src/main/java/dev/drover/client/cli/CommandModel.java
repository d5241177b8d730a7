package dev.drover.client.cli;

import picocli.CommandLine.Model.CommandSpec;

/** What {@code drover} understands, for whoever writes about it: manual pages above all. */
public final class CommandModel {
  private CommandModel() {}

  /** The program with every command, option and argument. */
  public static CommandSpec drover() {
    Surroundings surroundings = Surroundings.ofProcess();
    try (Connections connections = new Connections(surroundings)) {
      return new CommandRunner(surroundings, connections)
          .everything(new GlobalOptions())
          .getCommandSpec();
    }
  }
}
