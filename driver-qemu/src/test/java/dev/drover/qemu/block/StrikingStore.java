package dev.drover.qemu.block;

import com.google.protobuf.ByteString;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A store that lets something terrible happen right before or right after a step of a job becomes
 * durable, before anything else can: on the thread that writes it.
 */
final class StrikingStore implements Store {

  private final Store durable;
  private final CompletableFuture<JournalStep> struck = new CompletableFuture<>();
  private volatile Optional<Plan> plan = Optional.empty();
  private volatile boolean cut;

  /** When it happens. */
  enum Moment {
    /** The step is not durable, and never will be where the store is cut. */
    BEFORE,
    /** The step is durable. */
    AFTER
  }

  private record Plan(JournalStep step, Moment moment, Runnable strike) {
    boolean meets(List<String> journaled, Moment now) {
      return moment == now
          && journaled.stream().anyMatch(entry -> entry.contains("\"step\":\"" + step + "\""));
    }
  }

  StrikingStore(Store durable) {
    this.durable = durable;
  }

  /** Chooses the step, and what happens then, once. */
  void strike(Moment moment, JournalStep step, Runnable action) {
    plan = Optional.of(new Plan(step, moment, action));
  }

  /** What a full disk makes of a transaction. */
  static DriverException full() {
    return DriverException.of(
        ErrorReason.ERROR_REASON_NO_SPACE, "the state directory is full in this test");
  }

  /** Completes when it has happened. */
  CompletableFuture<JournalStep> struck() {
    return struck;
  }

  /** Lets nothing be written any more, as if the daemon were gone. */
  void cut() {
    cut = true;
  }

  @Override
  public void transact(Consumer<StoreTransaction> changes) {
    requireAlive();
    List<String> journaled = new ArrayList<>();
    durable.transact(
        transaction -> {
          changes.accept(new Noting(transaction, journaled));
          strikeWhere(Moment.BEFORE, journaled);
          requireAlive();
        });
    strikeWhere(Moment.AFTER, journaled);
  }

  private void requireAlive() {
    if (cut) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_STATE_NOT_WRITABLE, "this daemon is dead in this test");
    }
  }

  private void strikeWhere(Moment now, List<String> journaled) {
    Optional<Plan> due = plan.filter(chosen -> chosen.meets(journaled, now));
    if (due.isPresent()) {
      plan = Optional.empty();
      due.get().strike().run();
      struck.complete(due.get().step());
    }
  }

  private record Noting(StoreTransaction transaction, List<String> journaled)
      implements StoreTransaction {
    @Override
    public void put(String collection, String key, ByteString content) {
      if (collection.equals(JobJournal.COLLECTION)) {
        journaled.add(content.toStringUtf8());
      }
      transaction.put(collection, key, content);
    }

    @Override
    public void delete(String collection, String key) {
      transaction.delete(collection, key);
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
