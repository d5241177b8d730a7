package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileDescriptor;
import java.util.List;

/**
 * One QMP command with its arguments. Each command is a record in one of the permitted families, so
 * that everything the daemon ever says to QEMU can be listed, and is checked by unit tests against
 * the captured schema of each supported QEMU.
 *
 * @param <R> what QEMU answers on success
 */
public sealed interface QmpCommand<R>
    permits BlockCommand,
        BlockJobCommand,
        DeviceCommand,
        MigrationCommand,
        MonitorCommand,
        QueryCommand,
        RunCommand {

  /** The command as QEMU spells it, for example {@code block-commit}. */
  String name();

  /** A fresh object with the arguments; empty when the command has none. */
  ObjectNode arguments();

  /**
   * Turns the {@code return} value of a successful reply into the result.
   *
   * @throws QmpProtocolException when a field QEMU's schema promises is missing or of another type
   */
  R decode(JsonNode result);

  /** Which row of the deadline table applies when the caller names no deadline. */
  CommandDeadline deadline();

  /** File descriptors that travel with the command's own bytes; empty for nearly all commands. */
  default List<FileDescriptor> descriptors() {
    return List.of();
  }

  /**
   * True when the command is to run beside a command that is stuck in QEMU's main loop ({@code
   * exec-oob}). Falls back to an ordinary command when the monitor does not offer it.
   */
  default boolean outOfBand() {
    return false;
  }
}
