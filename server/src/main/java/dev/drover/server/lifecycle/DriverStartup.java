package dev.drover.server.lifecycle;

import dev.drover.server.driver.DriverConnection;
import dev.drover.server.driver.DriverRegistry;
import dev.drover.server.driver.UnopenedDriver;
import dev.drover.server.state.PrivateDirectory;
import dev.drover.server.state.StateException;
import dev.drover.server.store.SqliteDatabase;
import dev.drover.server.store.SqliteStore;
import dev.drover.server.watch.EventHub;
import dev.drover.server.watch.RevisionSeed;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverProvider;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.event.EventSink;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the drivers in order; one that cannot be opened does not keep the others from serving. */
final class DriverStartup {

  private static final Logger log = LoggerFactory.getLogger(DriverStartup.class);

  private final DaemonSetup setup;
  private final SqliteDatabase database;
  private final Workers workers;
  private final Telemetry telemetry;
  private final Undo undo;

  DriverStartup(
      DaemonSetup setup, SqliteDatabase database, Workers workers, Telemetry telemetry, Undo undo) {
    this.setup = setup;
    this.database = database;
    this.workers = workers;
    this.telemetry = telemetry;
    this.undo = undo;
  }

  /**
   * Opens every driver.
   *
   * @throws StateException where two drivers claim one scheme
   */
  DriverRegistry open() {
    Set<String> schemes = new HashSet<>();
    List<DriverConnection> connections = new ArrayList<>();
    List<UnopenedDriver> unopened = new ArrayList<>();
    for (DriverProvider provider : setup.providers()) {
      String scheme = provider.scheme();
      if (!schemes.add(scheme)) {
        throw new StateException(
            "two drivers serve " + scheme + ":; install one of them, the other is " + provider);
      }
      try {
        DriverConnection connection = open(provider);
        undo.add("driver " + scheme, connection.driver());
        connections.add(connection);
        log.info("driver {} serves {}", scheme, connection.info().connectionUris());
      } catch (DriverException e) {
        log.error("driver {} cannot be opened: {}", scheme, e.getMessage());
        unopened.add(new UnopenedDriver(scheme, provider.description(), e));
      } catch (StateException e) {
        throw e;
      } catch (RuntimeException e) {
        log.error("driver {} cannot be opened", scheme, e);
        unopened.add(new UnopenedDriver(scheme, provider.description(), e));
      }
    }
    return new DriverRegistry(setup.mode(), setup.config().defaultUri(), connections, unopened);
  }

  private DriverConnection open(DriverProvider provider) {
    String scheme = provider.scheme();
    SqliteStore revisions = new SqliteStore(database, "daemon/revisions");
    EventHub hub =
        new EventHub(
            RevisionSeed.next(revisions, scheme, setup.clock().instant()),
            setup.config().limits().eventHistory());
    EventSink events =
        event -> {
          hub.publish(event);
          telemetry.told(scheme, event);
        };
    DriverContext context =
        new DriverContext(
            setup.mode(),
            new SqliteStore(database, "driver/" + scheme),
            setup.clock(),
            events,
            telemetry.work().of(scheme),
            workers.blocking(),
            workers.timers(),
            PrivateDirectory.prepare(setup.stateDirectory().resolve(scheme)),
            PrivateDirectory.prepare(setup.runtimeDirectory().resolve(scheme)),
            setup.config().driver(scheme),
            setup.config().limits().driver());
    Driver driver = provider.open(context);
    return DriverConnection.of(scheme, provider.description(), driver, hub);
  }
}
