package dev.drover.server.driver;

import dev.drover.spi.error.DriverException;
import java.util.Optional;

/**
 * A driver that is installed but could not be opened; the daemon serves the others and tells why.
 *
 * @param scheme scheme of its URIs
 * @param description one line for people
 * @param failure why it could not be opened
 */
public record UnopenedDriver(String scheme, String description, RuntimeException failure) {

  /** The failure for people; nothing of an unexpected exception leaks (A6). */
  public String detail() {
    return failure instanceof DriverException told
        ? Optional.ofNullable(told.getMessage()).orElse(told.reason().name())
        : "an unexpected error, which the daemon's log tells";
  }
}
