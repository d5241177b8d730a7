package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Writes the guest's memory and device state to a stream, and makes images usable again after that.
 */
public sealed interface MigrationCommand extends QmpCommand<Acknowledged> {

  @Override
  default Acknowledged decode(JsonNode result) {
    return Acknowledged.ACKNOWLEDGED;
  }

  @Override
  default CommandDeadline deadline() {
    return CommandDeadline.CONTROL;
  }

  /** {@code migrate-set-capabilities}: has QEMU tell the states of a migration as events. */
  record TellStates() implements MigrationCommand {
    @Override
    public String name() {
      return "migrate-set-capabilities";
    }

    @Override
    public ObjectNode arguments() {
      ArrayNode capabilities = JsonNodeFactory.instance.arrayNode();
      capabilities.add(
          Arguments.arguments().put("capability", "events").put("state", true).build());
      return Arguments.arguments().put("capabilities", capabilities).build();
    }
  }

  /**
   * {@code migrate-set-parameters}: how fast a migration may be.
   *
   * @param bytesPerSecond upper bound; QEMU's own default is 128 MiB/s
   */
  record SetBandwidth(long bytesPerSecond) implements MigrationCommand {
    @Override
    public String name() {
      return "migrate-set-parameters";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("max-bandwidth", bytesPerSecond).build();
    }
  }

  /**
   * {@code migrate-set-parameters}: how long a guest that runs may be stopped at the end, by QEMU's
   * reckoning of what is left and how fast it goes.
   *
   * @param longest at least a millisecond; QEMU's own default is 300 ms
   */
  record SetDowntime(Duration longest) implements MigrationCommand {
    @Override
    public String name() {
      return "migrate-set-parameters";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("downtime-limit", longest.toMillis()).build();
    }
  }

  /**
   * {@code migrate}: begins to write into a socket that somebody listens on; over when the state
   * told by {@link QueryCommand.QueryMigrate} is final.
   *
   * @param socket path of the socket
   */
  record Migrate(Path socket) implements MigrationCommand {
    @Override
    public String name() {
      return "migrate";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("uri", "unix:" + socket).build();
    }
  }

  /** {@code migrate_cancel}: ends a migration; the guest stays. No failure where there is none. */
  record MigrateCancel() implements MigrationCommand {
    @Override
    public String name() {
      return "migrate_cancel";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.none();
    }
  }

  /** {@code blockdev-set-active}: makes all images usable; only where the schema has it. */
  record ActivateImages() implements MigrationCommand {
    @Override
    public String name() {
      return "blockdev-set-active";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("active", true).build();
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.GRAPH_CHANGE;
    }
  }

  /**
   * {@code nbd-server-start} on a socket of the host.
   *
   * @param socket path of the socket, which QEMU makes
   */
  record StartExports(Path socket) implements MigrationCommand {
    @Override
    public String name() {
      return "nbd-server-start";
    }

    @Override
    public ObjectNode arguments() {
      ObjectNode path = Arguments.arguments().put("path", socket.toString()).build();
      ObjectNode address = Arguments.arguments().put("type", "unix").put("data", path).build();
      return Arguments.arguments().put("addr", address).build();
    }
  }

  /** {@code nbd-server-stop}: ends every export. */
  record StopExports() implements MigrationCommand {
    @Override
    public String name() {
      return "nbd-server-stop";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.none();
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.GRAPH_CHANGE;
    }
  }

  /**
   * {@code block-export-add}: exports a node read-only.
   *
   * @param id name of the export
   * @param nodeName the node
   */
  record ExportNode(String id, String nodeName) implements MigrationCommand {
    @Override
    public String name() {
      return "block-export-add";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments()
          .put("type", "nbd")
          .put("id", id)
          .put("node-name", nodeName)
          .build();
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.GRAPH_CHANGE;
    }
  }
}
