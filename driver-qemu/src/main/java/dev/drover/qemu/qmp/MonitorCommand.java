package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileDescriptor;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * About the monitor itself: negotiation, descriptors, the human monitor and yank.
 *
 * @param <R> what QEMU answers on success
 */
public sealed interface MonitorCommand<R> extends QmpCommand<R> {

  @Override
  default CommandDeadline deadline() {
    return CommandDeadline.CONTROL;
  }

  /**
   * {@code qmp_capabilities}: ends the negotiation. Sent by {@link QmpConnection} itself.
   *
   * @param outOfBand whether to ask for out-of-band execution
   */
  record Capabilities(boolean outOfBand) implements MonitorCommand<Acknowledged> {
    @Override
    public String name() {
      return "qmp_capabilities";
    }

    @Override
    public ObjectNode arguments() {
      ArrayNode enabled = JsonNodeFactory.instance.arrayNode();
      if (outOfBand) {
        enabled.add("oob");
      }
      return Arguments.arguments().put("enable", enabled).build();
    }

    @Override
    public Acknowledged decode(JsonNode result) {
      return Acknowledged.ACKNOWLEDGED;
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.HANDSHAKE;
    }
  }

  /**
   * {@code human-monitor-command}: for diagnostics, and for writing to disks in tests. Its output
   * has no promised form, and errors come as output.
   *
   * @param commandLine the line as typed
   * @param cpuIndex CPU for commands that need one
   */
  record HumanMonitor(String commandLine, OptionalInt cpuIndex) implements MonitorCommand<String> {
    /** A line that needs no CPU. */
    public HumanMonitor(String commandLine) {
      this(commandLine, OptionalInt.empty());
    }

    @Override
    public String name() {
      return "human-monitor-command";
    }

    @Override
    public ObjectNode arguments() {
      ObjectNode arguments = Arguments.arguments().put("command-line", commandLine).build();
      cpuIndex.ifPresent(index -> arguments.put("cpu-index", index));
      return arguments;
    }

    @Override
    public String decode(JsonNode result) {
      return result.asText();
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.HUMAN_MONITOR;
    }
  }

  /**
   * {@code add-fd}: gives QEMU a copy of an open file. The caller keeps its own descriptor and may
   * close it after the answer. QEMU chooses by access mode among the descriptors of a set.
   *
   * @param descriptor the open file
   * @param setId set to add to; a new one when absent
   * @param label free text kept with the descriptor
   */
  record AddFd(FileDescriptor descriptor, OptionalLong setId, Optional<String> label)
      implements MonitorCommand<DescriptorSet> {
    @Override
    public String name() {
      return "add-fd";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("fdset-id", setId).putText("opaque", label).build();
    }

    @Override
    public DescriptorSet decode(JsonNode result) {
      return DescriptorSet.decode(result);
    }

    @Override
    public List<FileDescriptor> descriptors() {
      return List.of(descriptor);
    }
  }

  /**
   * {@code remove-fd}: QEMU closes the descriptors once no node uses them.
   *
   * @param setId the set
   * @param descriptor one descriptor of it; all when absent
   */
  record RemoveFd(long setId, OptionalLong descriptor) implements MonitorCommand<Acknowledged> {
    @Override
    public String name() {
      return "remove-fd";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("fdset-id", setId).put("fd", descriptor).build();
    }

    @Override
    public Acknowledged decode(JsonNode result) {
      return Acknowledged.ACKNOWLEDGED;
    }
  }

  /**
   * {@code getfd}: gives QEMU a copy of an open file under a name; a second one of that name
   * replaces the first.
   *
   * @param descriptor the open file or socket
   * @param fdName the name
   */
  record GetFd(FileDescriptor descriptor, String fdName) implements MonitorCommand<Acknowledged> {
    @Override
    public String name() {
      return "getfd";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("fdname", fdName).build();
    }

    @Override
    public Acknowledged decode(JsonNode result) {
      return Acknowledged.ACKNOWLEDGED;
    }

    @Override
    public List<FileDescriptor> descriptors() {
      return List.of(descriptor);
    }
  }

  /**
   * {@code closefd}.
   *
   * @param fdName name given to {@code getfd}
   */
  record CloseFd(String fdName) implements MonitorCommand<Acknowledged> {
    @Override
    public String name() {
      return "closefd";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("fdname", fdName).build();
    }

    @Override
    public Acknowledged decode(JsonNode result) {
      return Acknowledged.ACKNOWLEDGED;
    }
  }

  /**
   * {@code yank} of block nodes: breaks network connections on which QEMU hangs. Runs out of band.
   *
   * @param nodeNames nodes whose connections are broken
   */
  record YankBlockNodes(List<String> nodeNames) implements MonitorCommand<Acknowledged> {
    /** Copies the list. */
    public YankBlockNodes {
      nodeNames = List.copyOf(nodeNames);
    }

    @Override
    public String name() {
      return "yank";
    }

    @Override
    public ObjectNode arguments() {
      ArrayNode instances = JsonNodeFactory.instance.arrayNode();
      nodeNames.forEach(
          node ->
              instances.add(
                  Arguments.arguments().put("type", "block-node").put("node-name", node).build()));
      return Arguments.arguments().put("instances", instances).build();
    }

    @Override
    public Acknowledged decode(JsonNode result) {
      return Acknowledged.ACKNOWLEDGED;
    }

    @Override
    public boolean outOfBand() {
      return true;
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.OUT_OF_BAND;
    }
  }
}
