package dev.drover.client.cli;

import dev.drover.client.DomainHandle;
import dev.drover.v1.BackingChain;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that look closer at one part of a domain. */
final class DomainDetailCommands {
  private DomainDetailCommands() {}

  @Command(
      name = "domblkinfo",
      description = "Show the size of a disk, and what its active image occupies.")
  static final class BlockInfo extends DomainVerb {
    private static final int LABEL_WIDTH = 15;
    private static final double GIBIBYTE = 1L << 30;

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "DEVICE",
        description = "Target (vda) or source of the disk.")
    private Optional<String> path = Optional.empty();

    @Option(names = "--all", description = "Every disk, in a table.")
    private boolean all;

    @Option(names = "--human", description = "Sizes in GiB.")
    private boolean human;

    BlockInfo(Session session) {
      super(session);
    }

    /** One disk with its chain, where it has a medium. */
    private record Sized(DomainDisk disk, Optional<BackingChain> chain) {
      private long allocatedBytes() {
        return chain.map(known -> known.getImages(0).getAllocatedBytes()).orElse(0L);
      }

      private String capacity(boolean human) {
        return size(disk.getCapacityBytes(), human);
      }

      private String allocation(boolean human) {
        return size(allocatedBytes(), human);
      }

      private static String size(long bytes, boolean human) {
        if (bytes == 0) {
          return "-";
        }
        return human
            ? String.format(Locale.ROOT, "%.3f GiB", bytes / GIBIBYTE)
            : Long.toUnsignedString(bytes);
      }
    }

    @Override
    void run() {
      exclusive("--path", path.isPresent(), "--all", all);
      if (path.isEmpty() && !all) {
        throw new CommandFailure("PATH or --all is required");
      }
      DomainHandle domain = domain();
      List<Sized> sized = new ArrayList<>();
      if (all) {
        domain.disks().forEach(disk -> sized.add(sized(domain, disk)));
      } else {
        BackingChain chain = domain.disk(path.orElseThrow()).chain();
        domain.disks().stream()
            .filter(disk -> disk.getTarget().equals(chain.getDisk()))
            .forEach(disk -> sized.add(new Sized(disk, Optional.of(chain))));
      }
      if (!output().forPeople()) {
        List<Map<String, Object>> values = sized.stream().map(BlockInfo::values).toList();
        output().document(all ? values : values.getFirst());
      } else if (all) {
        output().table(table(sized));
      } else {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("Capacity", sized.getFirst().capacity(human));
        values.put("Allocation", sized.getFirst().allocation(human));
        DomainInfoCommands.print(output(), LABEL_WIDTH, values);
      }
    }

    private static Sized sized(DomainHandle domain, DomainDisk disk) {
      return new Sized(
          disk,
          disk.hasSource() ? Optional.of(domain.disk(disk.getTarget()).chain()) : Optional.empty());
    }

    private static Map<String, Object> values(Sized sized) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("disk", sized.disk().getTarget());
      values.put("capacity_bytes", sized.disk().getCapacityBytes());
      values.put("allocated_bytes", sized.allocatedBytes());
      return values;
    }

    private Table table(List<Sized> sized) {
      return new Table(
          List.of("Target", "Capacity", "Allocation"),
          sized.stream()
              .map(
                  one ->
                      List.of(one.disk().getTarget(), one.capacity(human), one.allocation(human)))
              .toList());
    }

    @Override
    String failure() {
      return "Failed to get the sizes of the disks of domain '%s'".formatted(words());
    }
  }

  @Command(name = "domiflist", description = "List a domain's network interfaces.")
  static final class Interfaces extends DomainVerb {
    @Option(
        names = "--inactive",
        description = "Those of the stored definition, which the next start has.")
    private boolean inactive;

    Interfaces(Session session) {
      super(session);
    }

    @Override
    void run() {
      Domain domain = domain().get();
      boolean live = !inactive && domain.getStatus().hasLiveSpec();
      var interfaces =
          (live ? domain.getStatus().getLiveSpec() : domain.getSpec()).getNetworkInterfacesList();
      if (!output().forPeople()) {
        output().messages(interfaces);
        return;
      }
      output()
          .table(
              new Table(
                  List.of("Interface", "Type", "Source", "Model", "MAC"),
                  interfaces.stream()
                      .map(
                          one ->
                              List.of(
                                  "-",
                                  one.getBackendCase().name().toLowerCase(Locale.ROOT),
                                  "-",
                                  "-",
                                  Table.orDash(one.getMacAddress())))
                      .toList()));
    }

    @Override
    String failure() {
      return "Failed to list the interfaces of domain '%s'".formatted(words());
    }
  }

  @Command(name = "dommemstat", description = "Show the memory that a running guest has, in KiB.")
  static final class MemoryStat extends DomainVerb {
    MemoryStat(Session session) {
      super(session);
    }

    @Override
    void run() {
      DomainStatus status = domain().get().getStatus();
      if (!Texts.active(status.getState())) {
        throw new CommandFailure(failure(), "domain '%s' is not running".formatted(words()));
      }
      long bytes = status.getCurrentMemoryBytes();
      output()
          .line(
              "actual " + Long.toUnsignedString(bytes >>> 10),
              DomainStatus.newBuilder().setCurrentMemoryBytes(bytes).build());
    }

    @Override
    String failure() {
      return "Failed to get memory statistics for domain '%s'".formatted(words());
    }
  }

  @Command(
      name = "domcontrol",
      description = "Show whether a domain's hypervisor answers: ok, or what it did not answer to.")
  static final class Control extends DomainVerb {
    Control(Session session) {
      super(session);
    }

    @Override
    void run() {
      DomainStatus status = domain().get().getStatus();
      output()
          .line(
              status.getUnresponsive()
                  ? "error: monitor failure: " + status.getUnresponsiveDetail()
                  : "ok",
              DomainStatus.newBuilder()
                  .setUnresponsive(status.getUnresponsive())
                  .setUnresponsiveDetail(status.getUnresponsiveDetail())
                  .build());
    }

    @Override
    String failure() {
      return "Failed to get the state of control of domain '%s'".formatted(words());
    }
  }

  @Command(name = "vcpucount", description = "Show how many virtual processors a domain has.")
  static final class VcpuCount extends DomainVerb {
    @Option(names = "--maximum", description = "The most there may be: as many as there are.")
    private boolean maximum;

    @Option(names = "--active", description = "Those in use: the default.")
    private boolean active;

    @Option(names = "--live", description = "Those of the running domain.")
    private boolean live;

    @Option(names = "--config", description = "Those of the stored definition.")
    private boolean config;

    @Option(names = "--current", description = "Those of the domain as it is.")
    private boolean current;

    VcpuCount(Session session) {
      super(session);
    }

    @Override
    void run() {
      exclusive("--maximum", maximum, "--active", active);
      exclusive("--live", live, "--config", config);
      exclusive("--current", current, "--config", config);
      exclusive("--current", current, "--live", live);
      Domain domain = domain().get();
      boolean runs = domain.getStatus().hasLiveSpec();
      if (live && !runs) {
        throw new CommandFailure(failure(), "domain '%s' is not running".formatted(words()));
      }
      String stored = count(domain.getSpec().getVcpus());
      String running = runs ? count(domain.getStatus().getLiveSpec().getVcpus()) : "";
      if (!output().forPeople()) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        counts.put("config", Integer.valueOf(stored));
        if (runs) {
          counts.put("live", Integer.valueOf(running));
        }
        output().document(counts);
      } else if (maximum || active || live || config || current) {
        output().line(runs && !config ? running : stored);
      } else {
        for (String what : List.of("maximum", "current")) {
          line(what, "config", stored);
          if (runs) {
            line(what, "live", running);
          }
        }
      }
    }

    private void line(String what, String where, String count) {
      output().line("%-12s %-12s %3s".formatted(what, where, count));
    }

    private static String count(int vcpus) {
      return Integer.toUnsignedString(Math.max(1, vcpus));
    }

    @Override
    String failure() {
      return "Failed to count the processors of domain '%s'".formatted(words());
    }
  }
}
