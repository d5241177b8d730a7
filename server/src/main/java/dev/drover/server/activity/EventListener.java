package dev.drover.server.activity;

import dev.drover.spi.event.DriverEvent;

/** Hears of the events of all drivers. It never blocks and never fails. */
@FunctionalInterface
public interface EventListener {

  /**
   * Something has happened in a driver.
   *
   * @param scheme scheme of the driver
   */
  void told(String scheme, DriverEvent event);
}
