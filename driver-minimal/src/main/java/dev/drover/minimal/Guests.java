package dev.drover.minimal;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The hypervisor, as far as there is one. This is the class to replace. */
final class Guests {

  private enum Processors {
    RUN,
    HELD
  }

  private final Map<String, Processors> byUuid = new ConcurrentHashMap<>();

  void start(String uuid, boolean paused) {
    byUuid.put(uuid, paused ? Processors.HELD : Processors.RUN);
  }

  void hold(String uuid) {
    byUuid.replace(uuid, Processors.HELD);
  }

  void letRun(String uuid) {
    byUuid.replace(uuid, Processors.RUN);
  }

  /** Presses the power button; a guest whose processors are held does not notice. */
  boolean obeysPowerButton(String uuid) {
    return byUuid.get(uuid) == Processors.RUN;
  }

  /** Begins again from the firmware. */
  void reset(String uuid) {
    if (!byUuid.containsKey(uuid)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST, "no guest " + uuid, "uuid", uuid);
    }
  }

  void end(String uuid) {
    byUuid.remove(uuid);
  }

  void endAll() {
    byUuid.clear();
  }
}
