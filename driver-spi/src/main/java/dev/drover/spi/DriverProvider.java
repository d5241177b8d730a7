package dev.drover.spi;

import java.util.Map;

/**
 * Entry point of a driver module, found by {@link java.util.ServiceLoader}; one in each module.
 * Implementations have a public constructor without arguments that does nothing.
 */
public interface DriverProvider {

  /**
   * Scheme of the connection URIs the driver serves, for example {@code qemu}. Unique among the
   * providers of a daemon.
   */
  String scheme();

  /** One line that tells people what the driver drives. */
  String description();

  /**
   * Keys of the driver's configuration section and what each means, with its default; the daemon
   * refuses other keys and prints these texts in its commented configuration.
   */
  Map<String, String> settings();

  /**
   * Opens the driver. Called once, before the daemon serves; it may block to find what was left by
   * an earlier daemon, and has brought every job and domain in line when it returns (R2, R27).
   *
   * @throws dev.drover.spi.error.DriverException where the driver cannot work at all; the daemon
   *     then starts without it and says why
   */
  Driver open(DriverContext context);
}
