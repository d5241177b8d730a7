package dev.drover.client.cli;

import dev.drover.v1.ExplainPermissionRequest;
import dev.drover.v1.ExplainPermissionResponse;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands under {@code drover policy}. */
final class PolicyCommands {
  private PolicyCommands() {}

  @Command(
      name = "policy",
      description = "Ask the daemon's policy who may do what.",
      footer = "'drover policy check FILE' needs no daemon.")
  static final class Group extends CommandGroup {}

  /**
   * Stands for {@code drover policy check} in the list of commands. The launcher has the daemon's
   * program do it, which alone knows what a policy file may hold.
   */
  @Command(
      name = "check",
      description = "Say what is wrong with a policy file, before a daemon uses it.",
      footer = "Exits with 0 where nothing is, else with 1. The same as 'droverd --check-policy'.")
  static final class Check extends Verb {
    @Parameters(index = "0", paramLabel = "FILE", description = "The policy file.")
    private String file = "";

    Check(Session session) {
      super(session);
    }

    @Override
    void run() {
      throw new CommandFailure(
          "'policy check' has to be the first words: drover policy check " + file);
    }

    @Override
    String failure() {
      return "Failed to check policy file '%s'".formatted(file);
    }
  }

  @Command(
      name = "explain",
      description = "Say whether somebody may make a call, and which binding decides that.",
      footer = "Exits with 1 where the call is not allowed.")
  static final class Explain extends Verb {
    @Parameters(
        index = "0",
        paramLabel = "WHO",
        description = "Principal, for example uid:1000 or x509:dns:backup.example.org.")
    private String who = "";

    @Parameters(
        index = "1",
        paramLabel = "RPC",
        description = "Method, for example StartDomain or drover.v1.JobService/CancelJob.")
    private String rpc = "";

    @Parameters(
        index = "2",
        arity = "0..1",
        paramLabel = "DOMAIN",
        description = "Name, id or UUID of the domain; without it, whether on any domain.")
    private @Nullable String domain;

    private boolean allowed;

    Explain(Session session) {
      super(session);
    }

    @Override
    void run() {
      ExplainPermissionRequest.Builder request =
          ExplainPermissionRequest.newBuilder().setPrincipal(who).setMethod(rpc);
      if (domain != null) {
        request.setDomain(domain(domain).ref());
      }
      ExplainPermissionResponse answer = drover().host().explain(request.build());
      allowed = answer.getAllowed();
      if (output().forPeople()) {
        output().line(answer.getDetail());
      } else {
        output().message(answer);
      }
    }

    @Override
    int exitCode() {
      return allowed ? 0 : 1;
    }

    @Override
    String failure() {
      return "Failed to explain the permission of '%s'".formatted(who);
    }
  }
}
