package dev.drover.spi.store;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Durable records in named collections. What {@link #transact} wrote has reached the disk when it
 * returns, all of it or none (R2). Safe for any number of threads.
 */
public interface Store {

  /**
   * Runs changes as one transaction.
   *
   * @throws dev.drover.spi.error.DriverException STATE_NOT_WRITABLE or NO_SPACE; nothing was
   *     written
   */
  void transact(Consumer<StoreTransaction> changes);

  /** A record's content. */
  Optional<ByteString> read(String collection, String key);

  /** Every record of a collection, by key. */
  List<StoreRecord> list(String collection);
}
