package dev.drover.client.cli;

import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainSpec;
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
      values.put("OS Type", "hvm");
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
      Domain domain = domain().get();
      DomainStatus id = DomainStatus.newBuilder().setId(domain.getStatus().getId()).build();
      output().line(Texts.id(domain), Domain.newBuilder().setStatus(id).build());
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
      String name = name(domain().get());
      DomainSpec spec = DomainSpec.newBuilder().setName(name).build();
      output().line(name, Domain.newBuilder().setSpec(spec).build());
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
      String uuid = domain().get().getSpec().getUuid();
      DomainSpec spec = DomainSpec.newBuilder().setUuid(uuid).build();
      output().line(uuid, Domain.newBuilder().setSpec(spec).build());
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

    @Option(
        names = "--inactive",
        description = "Those of the stored definition, which the next start has.")
    private boolean inactive;

    Disks(Session session) {
      super(session);
    }

    @Override
    void run() {
      List<DomainDisk> disks = inactive ? storedDisks() : domain().disks();
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

    private List<DomainDisk> storedDisks() {
      return domain().get().getSpec().getDisksList().stream()
          .map(
              disk -> {
                DomainDisk.Builder stored =
                    DomainDisk.newBuilder()
                        .setTarget(disk.getTarget())
                        .setReadOnly(disk.getReadOnly());
                return (disk.hasSource() ? stored.setSource(disk.getSource()) : stored).build();
              })
          .toList();
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
