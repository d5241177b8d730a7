package dev.drover.benchmarks;

import com.google.protobuf.ByteString;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverProvider;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Measures every transaction of the driver, without changing any. */
final class StoreMeter {

  private final List<Double> milliseconds = new ArrayList<>();

  /** The same driver, whose store is measured. */
  DriverProvider around(DriverProvider provider) {
    return new Measured(provider);
  }

  /** Forgets what was measured. */
  synchronized void reset() {
    milliseconds.clear();
  }

  /** How long each transaction took, in milliseconds, in the order of their ends. */
  synchronized List<Double> milliseconds() {
    return List.copyOf(milliseconds);
  }

  private synchronized void note(double value) {
    milliseconds.add(value);
  }

  private final class Measured implements DriverProvider {

    private final DriverProvider provider;

    Measured(DriverProvider provider) {
      this.provider = provider;
    }

    @Override
    public String scheme() {
      return provider.scheme();
    }

    @Override
    public String description() {
      return provider.description();
    }

    @Override
    public Map<String, String> settings() {
      return provider.settings();
    }

    @Override
    public Driver open(DriverContext context) {
      return provider.open(
          new DriverContext(
              context.mode(),
              new MeasuredStore(context.store()),
              context.clock(),
              context.events(),
              context.activities(),
              context.blocking(),
              context.timers(),
              context.stateDirectory(),
              context.runtimeDirectory(),
              context.settings(),
              context.limits()));
    }
  }

  private final class MeasuredStore implements Store {

    private final Store store;

    MeasuredStore(Store store) {
      this.store = store;
    }

    @Override
    public void transact(Consumer<StoreTransaction> changes) {
      Stopwatch watch = new Stopwatch();
      store.transact(changes);
      note(watch.milliseconds());
    }

    @Override
    public Optional<ByteString> read(String collection, String key) {
      return store.read(collection, key);
    }

    @Override
    public List<StoreRecord> list(String collection) {
      return store.list(collection);
    }
  }
}
