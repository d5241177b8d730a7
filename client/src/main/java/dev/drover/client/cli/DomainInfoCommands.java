package dev.drover.client.cli;

import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The commands that answer one question about a domain. */
final class DomainInfoCommands {
  private DomainInfoCommands() {}

  /** Lines of a label with its colon, padded, and a value. */
  static void print(Output output, int width, Map<String, String> values) {
    values.forEach(
        (label, value) -> output.line(("%-" + width + "s %s").formatted(label + ":", value)));
  }

  @Command(name = "dominfo", description = "Show what a domain is and does.")
  static final class DomainInfo extends DomainVerb {
    private static final int LABEL_WIDTH = 15;

    DomainInfo(Session session) {
      super(session);
    }

    @Override
    void run() {
      Domain domain = domain().get();
      if (!output().forPeople()) {
        output().message(domain);
        return;
      }
      print(output(), LABEL_WIDTH, values(domain));
    }

    private static Map<String, String> values(Domain domain) {
      DomainStatus status = domain.getStatus();
      Map<String, String> values = new LinkedHashMap<>();
      values.put("Id", Texts.id(domain));
      values.put("Name", name(domain));
      values.put("UUID", domain.getSpec().getUuid());
      values.put("State", Texts.state(status));
      values.put("CPU(s)", Integer.toUnsignedString(Math.max(1, domain.getSpec().getVcpus())));
      values.put("Max memory", kibibytes(domain.getSpec().getMemoryBytes()));
      values.put("Used memory", kibibytes(status.getCurrentMemoryBytes()));
      values.put("Persistent", Texts.yesNo(status.getPersistent()));
      values.put("Autostart", status.getAutostart() ? "enable" : "disable");
      values.put("Snapshots", Integer.toUnsignedString(status.getSnapshotCount()));
      Texts.acceleration(status).ifPresent(text -> values.put("Acceleration", text));
      if (status.getUnresponsive()) {
        values.put("No answer", status.getUnresponsiveDetail());
      }
      if (!status.getDetail().isEmpty()) {
        values.put("Detail", status.getDetail());
      }
      return values;
    }

    private static String kibibytes(long bytes) {
      return Long.toUnsignedString(bytes >>> 10) + " KiB";
    }

    @Override
    String failure() {
      return "Failed to get domain '%s'".formatted(words());
    }
  }

  @Command(name = "domstate", description = "Show a domain's state.")
  static final class State extends DomainVerb {
    @Option(names = "--reason", description = "Show how it came into this state.")
    private boolean reason;

    State(Session session) {
      super(session);
    }

    @Override
    void run() {
      Domain domain = domain().get();
      String state = Texts.state(domain.getStatus());
      if (!output().forPeople()) {
        output().message(domain.getStatus());
      } else if (reason) {
        output().line("%s (%s)".formatted(state, Texts.reason(domain.getStatus().getReason())));
      } else {
        output().line(state);
      }
    }

    @Override
    String failure() {
      return "Failed to get domain '%s'".formatted(words());
    }
  }

  @Command(name = "domid", description = "Show a domain's id.")
  static final class Id extends DomainVerb {
    Id(Session session) {
      super(session);
    }

    @Override
    void run() {
      output().line(Texts.id(domain().get()));
    }

    @Override
    String failure() {
      return "Failed to get domain '%s'".formatted(words());
    }
  }

  @Command(name = "domname", description = "Show a domain's name.")
  static final class Name extends DomainVerb {
    Name(Session session) {
      super(session);
    }

    @Override
    void run() {
      output().line(name(domain().get()));
    }

    @Override
    String failure() {
      return "Failed to get domain '%s'".formatted(words());
    }
  }

  @Command(name = "domuuid", description = "Show a domain's UUID.")
  static final class Uuid extends DomainVerb {
    Uuid(Session session) {
      super(session);
    }

    @Override
    void run() {
      output().line(domain().get().getSpec().getUuid());
    }

    @Override
    String failure() {
      return "Failed to get domain '%s'".formatted(words());
    }
  }

  @Command(name = "domblklist", description = "List a domain's disks.")
  static final class Disks extends DomainVerb {
    @Option(names = "--details", description = "Show type and device too.")
    private boolean details;

    Disks(Session session) {
      super(session);
    }

    @Override
    void run() {
      List<DomainDisk> disks = domain().disks();
      if (!output().forPeople()) {
        output().messages(disks);
      } else if (details) {
        output()
            .table(
                new Table(
                    List.of("Type", "Device", "Target", "Source"),
                    disks.stream()
                        .map(disk -> List.of(type(disk), "disk", disk.getTarget(), source(disk)))
                        .toList()));
      } else {
        output()
            .table(
                new Table(
                    List.of("Target", "Source"),
                    disks.stream().map(disk -> List.of(disk.getTarget(), source(disk))).toList()));
      }
    }

    private static String type(DomainDisk disk) {
      return disk.getSource().getPath().startsWith("/dev/") ? "block" : "file";
    }

    private static String source(DomainDisk disk) {
      return Table.orDash(disk.getSource().getPath());
    }

    @Override
    String failure() {
      return "Failed to list the disks of domain '%s'".formatted(words());
    }
  }
}
