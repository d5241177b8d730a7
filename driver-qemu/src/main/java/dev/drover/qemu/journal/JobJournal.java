package dev.drover.qemu.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The journal's entries in the driver's store, one for each job that has not ended. Written as
 * JSON, so that it can be read by people when everything else has failed. An entry is written
 * inside the transaction that changes the job's public record, where both change.
 */
public final class JobJournal {

  /** Collection of the store that holds the entries, by job id. */
  public static final String COLLECTION = "journal";

  private final Store store;
  private final JsonMapper json = JsonMapper.builder().build();

  /** Makes a journal on this store. */
  public JobJournal(Store store) {
    this.store = store;
  }

  /** Writes an entry, replacing the job's last one. */
  public void write(StoreTransaction transaction, JournalEntry entry) {
    try {
      transaction.put(
          COLLECTION, entry.jobId(), ByteString.copyFrom(json.writeValueAsBytes(entry)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("journal entry of job " + entry.jobId() + " is not JSON", e);
    }
  }

  /** Writes a step of several jobs at once that changes none of their public records. */
  public void write(List<JournalEntry> entries) {
    store.transact(transaction -> entries.forEach(entry -> write(transaction, entry)));
  }

  /** Removes a job's entry, since the job has ended. */
  public void remove(StoreTransaction transaction, String jobId) {
    transaction.delete(COLLECTION, jobId);
  }

  /** The newest entry of a job. */
  public Optional<JournalEntry> find(String jobId) {
    return store.read(COLLECTION, jobId).map(content -> decode(jobId, content));
  }

  /** Every entry: the jobs that have not ended. */
  public List<JournalEntry> list() {
    return store.list(COLLECTION).stream().map(this::decode).toList();
  }

  private JournalEntry decode(StoreRecord stored) {
    return decode(stored.key(), stored.content());
  }

  private JournalEntry decode(String jobId, ByteString content) {
    try {
      return json.readValue(content.toByteArray(), JournalEntry.class);
    } catch (IOException e) {
      throw new IllegalStateException("journal entry of job " + jobId + " is unreadable", e);
    }
  }
}
