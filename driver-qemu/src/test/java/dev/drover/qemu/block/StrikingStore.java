package dev.drover.qemu.block;

import com.google.protobuf.ByteString;
import dev.drover.qemu.Blow;
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
 * A store that lets something terrible happen right before or right after a step of a job, or the
 * record of a process, becomes durable, before anything else can: on the thread that writes it.
 */
final class StrikingStore implements Store {

  /** Collection with the records of storage daemons. */
  static final String STORAGE_DAEMONS = "storage-daemon";

  private static final String ENDED = "end of job ";

  private final Store durable;
  private final Blow blow = new Blow();
  private volatile Optional<Plan> plan = Optional.empty();

  /** When it happens. */
  enum Moment {
    /** The step is not durable, and never will be where the store is cut. */
    BEFORE,
    /** The step is durable. */
    AFTER
  }

  private record Plan(String text, Moment moment, Runnable strike) {
    boolean meets(List<String> written, Moment now) {
      return moment == now && written.stream().anyMatch(entry -> entry.contains(text));
    }
  }

  StrikingStore(Store durable) {
    this.durable = durable;
  }

  /** Chooses the step, and what happens then, once. */
  void strike(Moment moment, JournalStep step, Runnable action) {
    plan = Optional.of(new Plan("\"step\":\"" + step + "\"", moment, action));
  }

  /** The same for the end of a job, with which its entry goes. */
  void strikeAtEnd(Moment moment, Runnable action) {
    plan = Optional.of(new Plan(ENDED, moment, action));
  }

  /** The same for the record of a storage daemon that names its process. */
  void strikeAtProcess(Moment moment, Runnable action) {
    plan = Optional.of(new Plan("\"process\":{", moment, action));
  }

  /** What a full disk makes of a transaction. */
  static DriverException full() {
    return DriverException.of(
        ErrorReason.ERROR_REASON_NO_SPACE, "the state directory is full in this test");
  }

  /** Completes when it has happened. */
  CompletableFuture<Boolean> struck() {
    return blow.struck();
  }

  /** Lets nothing be written any more, as if the daemon were gone. */
  void cut() {
    blow.cut();
  }

  @Override
  public void transact(Consumer<StoreTransaction> changes) {
    blow.requireAlive();
    List<String> written = new ArrayList<>();
    durable.transact(
        transaction -> {
          changes.accept(new Noting(transaction, written));
          strikeWhere(Moment.BEFORE, written);
          blow.requireAlive();
        });
    strikeWhere(Moment.AFTER, written);
    blow.requireAlive();
  }

  private void strikeWhere(Moment now, List<String> written) {
    Optional<Plan> due = plan.filter(chosen -> chosen.meets(written, now));
    if (due.isPresent()) {
      plan = Optional.empty();
      blow.strike(due.get().strike());
    }
  }

  private record Noting(StoreTransaction transaction, List<String> written)
      implements StoreTransaction {
    @Override
    public void put(String collection, String key, ByteString content) {
      if (collection.equals(JobJournal.COLLECTION) || collection.equals(STORAGE_DAEMONS)) {
        written.add(content.toStringUtf8());
      }
      transaction.put(collection, key, content);
    }

    @Override
    public void delete(String collection, String key) {
      if (collection.equals(JobJournal.COLLECTION)) {
        written.add(ENDED + key);
      }
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
