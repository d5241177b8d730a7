package dev.drover.spi.store;

import com.google.protobuf.ByteString;

/**
 * A stored record.
 *
 * @param key its key, unique within the collection
 * @param content its content
 */
public record StoreRecord(String key, ByteString content) {}
