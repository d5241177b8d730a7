package dev.drover.client.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The file that describes a domain, first argument of a command. */
final class DomainFileArgument {
  @Parameters(paramLabel = "FILE", description = "The file; - is standard input.")
  private String file = "";

  @Option(
      names = "--leave-out-unsupported",
      description =
          "Do without what a file in libvirt's XML says and Drover has no field for; each thing is"
              + " named in a warning.")
  private boolean leavesOut;

  /** The file as the person called it. */
  String words() {
    return file;
  }

  /**
   * Reads it.
   *
   * @throws CommandFailure naming what is wrong in it, or all that is not supported
   */
  DomainFile.Definition read(Surroundings surroundings) {
    DomainFile.Definition definition = DomainFile.read(file, surroundings.in());
    if (!leavesOut) {
      return definition.whole(file, "--leave-out-unsupported does without it");
    }
    definition.leftOut().forEach(what -> surroundings.err().println("warning: left out: " + what));
    return definition;
  }
}
