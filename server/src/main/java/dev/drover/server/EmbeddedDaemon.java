package dev.drover.server;

import dev.drover.server.config.ConfigReader;
import dev.drover.server.config.DaemonConfig;
import dev.drover.server.identity.CallerSource;
import dev.drover.server.lifecycle.Daemon;
import dev.drover.server.lifecycle.DaemonSetup;
import dev.drover.server.lifecycle.DaemonSetup.Listen;
import dev.drover.server.lifecycle.Host;
import dev.drover.spi.Caller;
import dev.drover.spi.DaemonMode;
import dev.drover.spi.DriverLimits;
import dev.drover.spi.DriverProvider;
import dev.drover.spi.DriverSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The whole daemon inside another program, with the drivers that program chooses: for conformance
 * suites and tests of clients. It differs from {@code droverd} in nothing but who starts it. Two of
 * them after each other on one directory are a daemon that was restarted.
 */
public final class EmbeddedDaemon implements AutoCloseable {

  private final Daemon daemon;

  private EmbeddedDaemon(Daemon daemon) {
    this.daemon = daemon;
  }

  /**
   * Begins to describe a daemon in session mode.
   *
   * @param directory its state and its runtime directories are made below
   * @param providers the drivers
   */
  public static Plan in(Path directory, DriverProvider... providers) {
    return new Plan(
        directory, List.of(providers), DaemonMode.SESSION, Map.of(), ConfigReader.defaults());
  }

  /** Where it listens on TCP; empty: it does not. */
  public Optional<InetSocketAddress> tcp() {
    return daemon.tcp();
  }

  /** Where it serves metrics on TCP; empty: it does not. */
  public Optional<InetSocketAddress> metrics() {
    return daemon.metrics();
  }

  /** Stops the daemon as {@code droverd} stops; domains keep running. */
  @Override
  public void close() {
    daemon.close();
  }

  /**
   * A daemon that has not been started.
   *
   * @param directory where its directories are
   * @param providers its drivers
   * @param mode whom it serves
   * @param settings sections of the drivers, by scheme
   * @param config the rest of its configuration
   */
  public record Plan(
      Path directory,
      List<DriverProvider> providers,
      DaemonMode mode,
      Map<String, DriverSettings> settings,
      DaemonConfig config) {

    /** Copies the collections. */
    public Plan {
      providers = List.copyOf(providers);
      settings = Map.copyOf(settings);
    }

    /** The same for the whole host. */
    public Plan mode(DaemonMode other) {
      return new Plan(directory, providers, other, settings, config);
    }

    /** The same with another configuration; driver sections of {@link #setting} still count. */
    public Plan config(DaemonConfig other) {
      return new Plan(directory, providers, mode, settings, other);
    }

    /** The same with other limits of each driver. */
    public Plan limits(DriverLimits other) {
      return config(config.withLimits(config.limits().withDriver(other)));
    }

    /** The same with one more setting of a driver. */
    public Plan setting(String scheme, String key, String value) {
      Map<String, String> values = new HashMap<>();
      DriverSettings before = settings.get(scheme);
      if (before != null) {
        values.putAll(before.values());
      }
      values.put(key, value);
      Map<String, DriverSettings> all = new HashMap<>(settings);
      all.put(scheme, new DriverSettings(values));
      return new Plan(directory, providers, mode, all, config);
    }

    /**
     * Starts the daemon on an in-process server; every call is the owner's.
     *
     * @param name name of the in-process server
     */
    public EmbeddedDaemon inProcess(String name) {
      Caller owner = new Caller("uid:" + Host.userId(), "in process");
      return inProcess(name, _ -> Optional.of(owner));
    }

    /**
     * Starts the daemon on an in-process server whose callers are whom the program says.
     *
     * @param name name of the in-process server
     * @param callers who makes the call that begins
     */
    public EmbeddedDaemon inProcess(String name, CallerSource callers) {
      return start(new Listen.InProcess(name, callers));
    }

    /**
     * Starts the daemon on a unix socket.
     *
     * @param path file of the socket
     */
    public EmbeddedDaemon onSocket(Path path) {
      return start(new Listen.UnixSocket(path));
    }

    private EmbeddedDaemon start(Listen listen) {
      Map<String, DriverSettings> drivers = new HashMap<>(config.drivers());
      drivers.putAll(settings);
      return new EmbeddedDaemon(
          Daemon.start(
              new DaemonSetup(
                  mode,
                  config.withDrivers(drivers),
                  directory.resolve("state"),
                  directory.resolve("run"),
                  listen,
                  providers,
                  InstantSource.system(),
                  Host.userId())));
    }
  }
}
