package dev.drover.server.lifecycle;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Stage;
import dev.drover.server.access.LivePolicy;
import dev.drover.server.driver.DriverRegistry;
import dev.drover.server.ledger.RequestLedger;
import dev.drover.server.metrics.MetricsListener;
import dev.drover.server.state.DaemonLock;
import dev.drover.server.state.PrivateDirectory;
import dev.drover.server.store.SqliteDatabase;
import dev.drover.server.store.SqliteStore;
import dev.drover.server.watch.WatchStreams;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running daemon. Starting takes the lock, opens the database, opens the drivers and then serves;
 * a start that fails undoes what it did. Stopping goes the other way; domains keep running (R27).
 */
public final class Daemon implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Daemon.class);
  private static final String DATABASE = "state.db";

  private final Undo undo;
  private final DriverRegistry drivers;
  private final Optional<InetSocketAddress> tcp;
  private final Optional<InetSocketAddress> metrics;
  private final CountDownLatch stopped = new CountDownLatch(1);

  private Daemon(
      Undo undo,
      DriverRegistry drivers,
      Optional<InetSocketAddress> tcp,
      Optional<InetSocketAddress> metrics) {
    this.undo = undo;
    this.drivers = drivers;
    this.tcp = tcp;
    this.metrics = metrics;
  }

  /**
   * Starts a daemon; it serves when this returns.
   *
   * @throws dev.drover.server.state.StateException where a directory, the database, the policy or
   *     the socket cannot be used
   */
  public static Daemon start(DaemonSetup setup) {
    Undo undo = new Undo();
    try {
      Path state = PrivateDirectory.prepare(setup.stateDirectory());
      PrivateDirectory.prepare(setup.runtimeDirectory());
      if (setup.config().access().everybodyConnects()) {
        PrivateDirectory.letPass(setup.runtimeDirectory());
      }
      undo.add("lock", DaemonLock.take(state));
      Telemetry telemetry = new Telemetry(setup.config());
      undo.add("telemetry", telemetry);
      SqliteDatabase database = SqliteDatabase.open(state.resolve(DATABASE), telemetry.store());
      undo.add("database", database);
      Workers workers = new Workers();
      undo.add("workers", workers);
      LivePolicy policy =
          setup
              .config()
              .access()
              .policyFile()
              .map(file -> LivePolicy.open(file, setup.owner()))
              .orElseGet(() -> LivePolicy.ownerOnly(setup.owner()));
      undo.add("policy", policy);
      DriverRegistry drivers = new DriverStartup(setup, database, workers, telemetry, undo).open();
      RequestLedger ledger =
          new RequestLedger(
              new SqliteStore(database, "daemon/requests"),
              setup.clock(),
              setup.config().limits().requestRecords(),
              setup.config().limits().requestRecordAge());
      Transports transports = Transports.of(setup, workers);
      undo.add("transports", transports);
      Injector injector =
          Guice.createInjector(
              Stage.PRODUCTION,
              List.of(
                  new DaemonModule(
                      setup, drivers, ledger, workers, policy, transports, telemetry, database)));
      Optional<MetricsListener> metrics =
          telemetry.serve(drivers, injector.getInstance(WatchStreams.class), workers);
      metrics.ifPresent(listener -> undo.add("metrics", listener));
      Serving serving = injector.getInstance(Serving.class);
      undo.add("server", serving.start());
      policy.follow(workers, workers.blocking());
      return new Daemon(undo, drivers, serving.tcp(), metrics.flatMap(MetricsListener::tcp));
    } catch (RuntimeException | Error e) {
      undo.close(e);
      throw e;
    }
  }

  /** The drivers of the daemon. */
  public DriverRegistry drivers() {
    return drivers;
  }

  /** Where it listens on TCP; empty: it does not. */
  public Optional<InetSocketAddress> tcp() {
    return tcp;
  }

  /** Where it serves metrics on TCP; empty: it does not. */
  public Optional<InetSocketAddress> metrics() {
    return metrics;
  }

  /** Waits until the daemon has been stopped. */
  public void awaitStop() throws InterruptedException {
    stopped.await();
  }

  /** Stops the daemon: no new calls, an end to streams, a grace for calls, then the drivers. */
  @Override
  public void close() {
    log.info("stopping");
    try {
      undo.close();
    } finally {
      stopped.countDown();
    }
  }
}
