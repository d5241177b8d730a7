package dev.drover.qemu;

import com.google.protobuf.ByteString;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A store of a daemon that dies right before a transaction becomes durable. */
final class DyingStore implements Store {
  private final Store durable;
  private final Blow blow = new Blow();
  private int left;
  private Optional<Runnable> strike = Optional.empty();

  DyingStore(Store durable) {
    this.durable = durable;
  }

  synchronized void arm(int nth, Runnable action) {
    left = nth;
    strike = Optional.of(action);
  }

  CompletableFuture<Boolean> struck() {
    return blow.struck();
  }

  void cut() {
    blow.cut();
  }

  boolean isCut() {
    return blow.isCut();
  }

  @Override
  public synchronized void transact(Consumer<StoreTransaction> changes) {
    strikeWhereDue();
    blow.requireAlive();
    durable.transact(changes);
  }

  private void strikeWhereDue() {
    if (strike.isPresent()) {
      left--;
      if (left == 0) {
        Runnable due = strike.get();
        strike = Optional.empty();
        blow.strike(due);
      }
    }
  }

  @Override
  public Optional<ByteString> read(String collection, String key) {
    return durable.read(collection, key);
  }

  @Override
  public List<StoreRecord> list(String collection) {
    return durable.list(collection);
  }
}
