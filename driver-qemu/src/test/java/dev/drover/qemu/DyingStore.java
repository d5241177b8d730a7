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
  private final CompletableFuture<Boolean> struck = new CompletableFuture<>();
  private int left;
  private Optional<Runnable> strike = Optional.empty();
  private volatile boolean cut;

  DyingStore(Store durable) {
    this.durable = durable;
  }

  synchronized void arm(int nth, Runnable action) {
    left = nth;
    strike = Optional.of(action);
  }

  CompletableFuture<Boolean> struck() {
    return struck;
  }

  void cut() {
    cut = true;
  }

  boolean isCut() {
    return cut;
  }

  @Override
  public synchronized void transact(Consumer<StoreTransaction> changes) {
    strikeWhereDue();
    if (cut) {
      throw new DaemonDeath();
    }
    durable.transact(changes);
  }

  private void strikeWhereDue() {
    if (strike.isPresent()) {
      left--;
      if (left == 0) {
        Runnable due = strike.get();
        strike = Optional.empty();
        strike(due);
      }
    }
  }

  /** What goes wrong while it strikes is what the test is told, whoever else hears of it. */
  private void strike(Runnable due) {
    try {
      due.run();
      struck.complete(true);
    } catch (RuntimeException | AssertionError e) {
      struck.completeExceptionally(e);
      throw e;
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
