package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Devices, objects and the balloon. */
public sealed interface DeviceCommand extends QmpCommand<Acknowledged> {

  @Override
  default Acknowledged decode(JsonNode result) {
    return Acknowledged.ACKNOWLEDGED;
  }

  @Override
  default CommandDeadline deadline() {
    return CommandDeadline.GRAPH_CHANGE;
  }

  /**
   * {@code device_add}.
   *
   * @param properties {@code driver}, {@code id} and the device's own properties
   */
  record DeviceAdd(ObjectNode properties) implements DeviceCommand {
    /** Copies the properties. */
    public DeviceAdd {
      properties = properties.deepCopy();
    }

    @Override
    public String name() {
      return "device_add";
    }

    @Override
    public ObjectNode arguments() {
      return properties.deepCopy();
    }
  }

  /**
   * {@code device_del}: asks the guest to let go; over when the event {@code DEVICE_DELETED} comes.
   *
   * @param id the device's id or path
   */
  record DeviceDel(String id) implements DeviceCommand {
    @Override
    public String name() {
      return "device_del";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.ofId(id);
    }
  }

  /**
   * {@code object-add}.
   *
   * @param properties {@code qom-type}, {@code id} and the object's own properties
   */
  record ObjectAdd(ObjectNode properties) implements DeviceCommand {
    /** Copies the properties. */
    public ObjectAdd {
      properties = properties.deepCopy();
    }

    @Override
    public String name() {
      return "object-add";
    }

    @Override
    public ObjectNode arguments() {
      return properties.deepCopy();
    }
  }

  /**
   * {@code object-del}.
   *
   * @param id the object
   */
  record ObjectDel(String id) implements DeviceCommand {
    @Override
    public String name() {
      return "object-del";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.ofId(id);
    }
  }

  /**
   * {@code balloon}: asks the guest to shrink or grow to a size; it may take its time.
   *
   * @param targetBytes memory the guest should be left with
   */
  record Balloon(long targetBytes) implements DeviceCommand {
    @Override
    public String name() {
      return "balloon";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("value", targetBytes).build();
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.CONTROL;
    }
  }
}
