package dev.drover.server.driver;

import dev.drover.spi.DaemonMode;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;

/**
 * Chooses the driver of a call by its connection URI, as libvirt chooses by the URI of a connect.
 */
public final class DriverRegistry {

  private static final String TEST_URI = "test:///default";

  private final List<DriverConnection> connections;
  private final List<UnopenedDriver> unopened;
  private final String defaultUri;

  /**
   * Makes the registry.
   *
   * @param configuredDefault URI for calls without one; empty: that of QEMU in the daemon's mode
   *     where this driver is installed, else that of the test driver, else any
   */
  public DriverRegistry(
      DaemonMode mode,
      Optional<String> configuredDefault,
      List<DriverConnection> connections,
      List<UnopenedDriver> unopened) {
    this.connections = List.copyOf(connections);
    this.unopened = List.copyOf(unopened);
    this.defaultUri = configuredDefault.orElseGet(() -> chosenDefault(mode));
  }

  private String chosenDefault(DaemonMode mode) {
    String qemu = "qemu";
    boolean installed =
        connections.stream().anyMatch(connection -> connection.scheme().equals(qemu))
            || unopened.stream().anyMatch(driver -> driver.scheme().equals(qemu));
    if (installed) {
      return qemu + "://" + mode.uriPath();
    }
    List<String> served = served();
    return served.contains(TEST_URI) || served.isEmpty() ? TEST_URI : served.getFirst();
  }

  /** The open drivers. */
  public List<DriverConnection> connections() {
    return connections;
  }

  /** The drivers that could not be opened. */
  public List<UnopenedDriver> unopened() {
    return unopened;
  }

  /** URI that answers calls without one. */
  public String defaultUri() {
    return defaultUri;
  }

  /** Every URI that is served. */
  public List<String> served() {
    return connections.stream()
        .flatMap(connection -> connection.info().connectionUris().stream())
        .toList();
  }

  /**
   * The driver that serves a URI.
   *
   * @param uri as the client gave it; empty: the default
   * @throws DriverException CONNECTION_URI_INVALID, UNKNOWN_DRIVER, or why the driver could not be
   *     opened
   */
  public DriverConnection resolve(Optional<String> uri) {
    String wanted = uri.orElse(defaultUri);
    String scheme = scheme(wanted);
    for (DriverConnection connection : connections) {
      if (connection.scheme().equals(scheme)) {
        if (connection.info().connectionUris().contains(wanted)) {
          return connection;
        }
        throw unknown(
            "the driver " + scheme + " does not serve " + wanted + " in this daemon", wanted);
      }
    }
    for (UnopenedDriver driver : unopened) {
      if (driver.scheme().equals(scheme)) {
        throw unavailable(driver, wanted);
      }
    }
    throw unknown("no driver serves " + wanted, wanted);
  }

  private static String scheme(String uri) {
    try {
      URI parsed = new URI(uri);
      boolean usable =
          parsed.getScheme() != null
              && parsed.getRawAuthority() == null
              && parsed.getRawQuery() == null
              && parsed.getRawFragment() == null
              && parsed.getRawPath() != null;
      if (usable) {
        return parsed.getScheme();
      }
    } catch (URISyntaxException e) {
      throw DriverException.causedBy(
          e, ErrorReason.ERROR_REASON_CONNECTION_URI_INVALID, invalid(uri), "uri", uri);
    }
    throw DriverException.of(
        ErrorReason.ERROR_REASON_CONNECTION_URI_INVALID, invalid(uri), "uri", uri);
  }

  private static String invalid(String uri) {
    return "\""
        + uri
        + "\" is not a connection URI; the daemon expects <driver>:///<path>, for example "
        + TEST_URI
        + ", without host, query or fragment";
  }

  private DriverException unknown(String what, String uri) {
    String known = String.join(", ", served());
    return DriverException.of(
        ErrorReason.ERROR_REASON_UNKNOWN_DRIVER,
        what + "; served are: " + (known.isEmpty() ? "none" : known),
        "uri",
        uri,
        "known",
        known);
  }

  private DriverException unavailable(UnopenedDriver driver, String uri) {
    String known = String.join(", ", served());
    String message =
        "the driver "
            + driver.scheme()
            + " could not be opened when the daemon started: "
            + driver.detail()
            + "; mend that and restart the daemon";
    ErrorReason reason =
        driver.failure() instanceof DriverException told
            ? told.reason()
            : ErrorReason.ERROR_REASON_UNKNOWN_DRIVER;
    return DriverException.of(reason, message, "uri", uri, "known", known);
  }
}
