package dev.drover.client.cli;

import dev.drover.v1.GetVersionResponse;
import dev.drover.v1.NodeInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The commands about daemon and host. */
final class HostCommands {
  private HostCommands() {}

  @Command(
      name = "version",
      description = "Show the versions of client, API, hypervisor and daemon.")
  static final class Version extends Verb {
    @Option(names = "--daemon", description = "Show the daemon's version too: always so.")
    @SuppressWarnings("unused") // Accepted as virsh does.
    private boolean daemon;

    Version(Session session) {
      super(session);
    }

    @Override
    void run() {
      GetVersionResponse version = drover().host().version();
      if (!output().forPeople()) {
        output().message(version);
        return;
      }
      output().line("Using library: drover-client " + ClientVersion.text());
      output()
          .line("Using API: %s %s".formatted(version.getHypervisorName(), version.getApiVersion()));
      output()
          .line(
              "Running hypervisor: %s %s"
                  .formatted(
                      version.getHypervisorName(),
                      version.getHypervisorVersion().isEmpty()
                          ? "(not installed)"
                          : version.getHypervisorVersion()));
      output().line("Running against daemon: " + version.getDaemonVersion());
    }

    @Override
    String failure() {
      return "Failed to get the daemon's version";
    }
  }

  @Command(name = "nodeinfo", description = "Show the host's processors and memory.")
  static final class Node extends Verb {
    private static final int LABEL_WIDTH = 20;

    Node(Session session) {
      super(session);
    }

    @Override
    void run() {
      NodeInfo node = drover().host().node();
      if (!output().forPeople()) {
        output().message(node);
        return;
      }
      Map<String, String> values = new LinkedHashMap<>();
      values.put("CPU model", node.getCpuModel());
      values.put("CPU(s)", Integer.toUnsignedString(node.getCpus()));
      values.put("Memory size", Long.toUnsignedString(node.getMemoryBytes() >>> 10) + " KiB");
      values.put("Free memory", Long.toUnsignedString(node.getFreeMemoryBytes() >>> 10) + " KiB");
      DomainInfoCommands.print(output(), LABEL_WIDTH, values);
    }

    @Override
    String failure() {
      return "Failed to get node information";
    }
  }

  @Command(name = "freecell", description = "Show the memory of the host that is free.")
  static final class FreeCell extends Verb {
    FreeCell(Session session) {
      super(session);
    }

    @Override
    void run() {
      long free = drover().host().node().getFreeMemoryBytes();
      output()
          .line(
              "Total: %s KiB".formatted(Long.toUnsignedString(free >>> 10)),
              NodeInfo.newBuilder().setFreeMemoryBytes(free).build());
    }

    @Override
    String failure() {
      return "Failed to get free memory";
    }
  }

  @Command(name = "nodememstats", description = "Show the host's memory and what of it is free.")
  static final class MemoryStats extends Verb {
    MemoryStats(Session session) {
      super(session);
    }

    @Override
    void run() {
      NodeInfo node = drover().host().node();
      if (!output().forPeople()) {
        output()
            .message(
                NodeInfo.newBuilder()
                    .setMemoryBytes(node.getMemoryBytes())
                    .setFreeMemoryBytes(node.getFreeMemoryBytes())
                    .build());
        return;
      }
      print("total", node.getMemoryBytes());
      print("free", node.getFreeMemoryBytes());
    }

    private void print(String label, long bytes) {
      output().line("%-7s: %20s KiB".formatted(label, Long.toUnsignedString(bytes >>> 10)));
    }

    @Override
    String failure() {
      return "Unable to get memory stats";
    }
  }

  @Command(name = "hostname", description = "Show the name of the daemon's host.")
  static final class Hostname extends Verb {
    Hostname(Session session) {
      super(session);
    }

    @Override
    void run() {
      String name = drover().host().version().getHostName();
      output().line(name, GetVersionResponse.newBuilder().setHostName(name).build());
    }

    @Override
    String failure() {
      return "Failed to get hostname";
    }
  }

  @Command(name = "uri", description = "Show the connection URI that answers.")
  static final class Uri extends Verb {
    Uri(Session session) {
      super(session);
    }

    @Override
    void run() {
      String uri = drover().host().version().getConnectionUri();
      output().line(uri, GetVersionResponse.newBuilder().setConnectionUri(uri).build());
    }

    @Override
    String failure() {
      return "Failed to get URI";
    }
  }

  @Command(name = "capabilities", description = "Show what the daemon and its drivers can do.")
  static final class Capabilities extends Verb {
    Capabilities(Session session) {
      super(session);
    }

    @Override
    void run() {
      output().message(drover().host().capabilities());
    }

    @Override
    String failure() {
      return "Failed to get capabilities";
    }
  }
}
