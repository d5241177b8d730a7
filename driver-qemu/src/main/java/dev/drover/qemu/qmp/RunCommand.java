package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Runs, stops and ends the machine. */
public sealed interface RunCommand extends QmpCommand<Acknowledged> {

  @Override
  default ObjectNode arguments() {
    return Arguments.none();
  }

  @Override
  default Acknowledged decode(JsonNode result) {
    return Acknowledged.ACKNOWLEDGED;
  }

  @Override
  default CommandDeadline deadline() {
    return CommandDeadline.RUN_CONTROL;
  }

  /** {@code stop}: holds the vCPUs and flushes all disks. */
  record Stop() implements RunCommand {
    @Override
    public String name() {
      return "stop";
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.DRAIN;
    }
  }

  /** {@code cont}: lets the vCPUs run. */
  record Cont() implements RunCommand {
    @Override
    public String name() {
      return "cont";
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.DRAIN;
    }
  }

  /** {@code system_powerdown}: presses the power button; the guest may ignore it. */
  record SystemPowerdown() implements RunCommand {
    @Override
    public String name() {
      return "system_powerdown";
    }
  }

  /** {@code system_reset}: resets without telling the guest. */
  record SystemReset() implements RunCommand {
    @Override
    public String name() {
      return "system_reset";
    }
  }

  /** {@code quit}: ends QEMU; the connection closes soon after, possibly before the reply. */
  record Quit() implements RunCommand {
    @Override
    public String name() {
      return "quit";
    }
  }

  /**
   * {@code set-action}: what QEMU does when the guest powers off.
   *
   * @param stay true to hold the machine, so that it can be reset; false to end
   */
  record SetShutdownAction(boolean stay) implements RunCommand {
    @Override
    public String name() {
      return "set-action";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("shutdown", stay ? "pause" : "poweroff").build();
    }
  }
}
