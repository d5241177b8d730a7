package dev.drover.client.cli;

import dev.drover.client.DroverException;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that move a domain through its life. */
final class LifecycleCommands {
  private LifecycleCommands() {}

  /** How the guest is asked. */
  static final class ModeOption {
    @Option(names = "--mode", paramLabel = "MODE", description = "How it is asked: acpi only.")
    private String mode = ACPI;

    private static final String ACPI = "acpi";

    private void check() {
      if (!mode.equals(ACPI)) {
        throw new CommandFailure(
            "Mode '%s' is not offered: a guest is asked by ACPI".formatted(mode));
      }
    }
  }

  @Command(name = "start", description = "Start a defined domain.")
  static final class Start extends DomainVerb {
    @Option(names = "--paused", description = "Hold the processors after the start.")
    private boolean paused;

    @Option(
        names = {"--force-boot", "--bypass-cache", "--reset-nvram"},
        description = "Accepted as virsh does: nothing is kept saved, and there is no NVRAM.")
    @SuppressWarnings("unused") // A start is always a boot.
    private boolean[] nothing = {};

    Start(Session session) {
      super(session);
    }

    @Override
    void run() {
      Domain domain = started();
      output().done("Domain '%s' started".formatted(name(domain)), domain);
    }

    /** Scripts know a domain that runs by virsh's words. */
    private Domain started() {
      try {
        return domain().start(paused);
      } catch (DroverException e) {
        if (e.reason() == ErrorReason.ERROR_REASON_DOMAIN_ALREADY_RUNNING) {
          throw new CommandFailure("Domain is already active");
        }
        throw e;
      }
    }

    @Override
    String failure() {
      return "Failed to start domain '%s'".formatted(words());
    }
  }

  @Command(name = "shutdown", description = "Ask the guest to power off.")
  static final class Shutdown extends DomainVerb {
    @Mixin private final ModeOption mode = new ModeOption();

    Shutdown(Session session) {
      super(session);
    }

    @Override
    void run() {
      mode.check();
      Domain domain = domain().shutdown();
      output().done("Domain '%s' is being shutdown".formatted(name(domain)), domain);
    }

    @Override
    String failure() {
      return "Failed to shutdown domain '%s'".formatted(words());
    }
  }

  @Command(name = "reboot", description = "Ask the guest to reboot.")
  static final class Reboot extends DomainVerb {
    @Mixin private final ModeOption mode = new ModeOption();

    Reboot(Session session) {
      super(session);
    }

    @Override
    void run() {
      mode.check();
      Domain domain = domain().reboot();
      output().done("Domain '%s' is being rebooted".formatted(name(domain)), domain);
    }

    @Override
    String failure() {
      return "Failed to reboot domain '%s'".formatted(words());
    }
  }

  @Command(name = "reset", description = "Reset the guest without asking it.")
  static final class Reset extends DomainVerb {
    Reset(Session session) {
      super(session);
    }

    @Override
    void run() {
      Domain domain = domain().reset();
      output().done("Domain '%s' was reset".formatted(name(domain)), domain);
    }

    @Override
    String failure() {
      return "Failed to reset domain '%s'".formatted(words());
    }
  }

  @Command(name = "destroy", description = "End the hypervisor process of a domain.")
  static final class Destroy extends DomainVerb {
    @Option(names = "--graceful", description = "Use no force; fail where it does not end.")
    private boolean graceful;

    Destroy(Session session) {
      super(session);
    }

    @Override
    void run() {
      Domain domain = domain().destroy(graceful);
      output().done("Domain '%s' destroyed".formatted(name(domain)), domain);
    }

    @Override
    String failure() {
      return "Failed to destroy domain '%s'".formatted(words());
    }
  }

  @Command(name = "suspend", description = "Hold the guest's processors.")
  static final class Suspend extends DomainVerb {
    Suspend(Session session) {
      super(session);
    }

    @Override
    void run() {
      Domain domain = domain().suspend();
      output().done("Domain '%s' suspended".formatted(name(domain)), domain);
    }

    @Override
    String failure() {
      return "Failed to suspend domain '%s'".formatted(words());
    }
  }

  @Command(name = "resume", description = "Let the guest's processors run again.")
  static final class Resume extends DomainVerb {
    Resume(Session session) {
      super(session);
    }

    @Override
    void run() {
      Domain domain = domain().resume();
      output().done("Domain '%s' resumed".formatted(name(domain)), domain);
    }

    @Override
    String failure() {
      return "Failed to resume domain '%s'".formatted(words());
    }
  }

  @Command(name = "autostart", description = "Start a domain with the daemon.")
  static final class Autostart extends DomainVerb {
    @Option(names = "--disable", description = "Do not start it with the daemon.")
    private boolean disable;

    Autostart(Session session) {
      super(session);
    }

    @Override
    void run() {
      Domain domain = domain().autostart(!disable);
      output()
          .done(
              "Domain '%s' %s as autostarted"
                  .formatted(name(domain), disable ? "unmarked" : "marked"),
              domain);
    }

    @Override
    String failure() {
      return "Failed to %s domain '%s' as autostarted"
          .formatted(disable ? "unmark" : "mark", words());
    }
  }
}
