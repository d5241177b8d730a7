package dev.drover.spi.store;

import com.google.protobuf.ByteString;

/** Changes of one transaction; used only inside {@link Store#transact}. */
public interface StoreTransaction {

  /** Writes a record, replacing one of the same key. */
  void put(String collection, String key, ByteString content);

  /** Removes a record; no record of that key is no error. */
  void delete(String collection, String key);
}
