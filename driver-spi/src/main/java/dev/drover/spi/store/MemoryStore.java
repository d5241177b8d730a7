package dev.drover.spi.store;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A {@link Store} in memory, for drivers whose world ends with the process and for tests. A
 * transaction that throws leaves nothing behind.
 */
public final class MemoryStore implements Store {

  private final Map<String, TreeMap<String, ByteString>> collections = new HashMap<>();

  @Override
  public synchronized void transact(Consumer<StoreTransaction> changes) {
    List<Runnable> accepted = new ArrayList<>();
    changes.accept(
        new StoreTransaction() {
          @Override
          public void put(String collection, String key, ByteString content) {
            accepted.add(() -> records(collection).put(key, content));
          }

          @Override
          public void delete(String collection, String key) {
            accepted.add(() -> records(collection).remove(key));
          }
        });
    accepted.forEach(Runnable::run);
  }

  @Override
  public synchronized Optional<ByteString> read(String collection, String key) {
    return Optional.ofNullable(collections.getOrDefault(collection, new TreeMap<>()).get(key));
  }

  @Override
  public synchronized List<StoreRecord> list(String collection) {
    List<StoreRecord> result = new ArrayList<>();
    collections
        .getOrDefault(collection, new TreeMap<>())
        .forEach((key, content) -> result.add(new StoreRecord(key, content)));
    return result;
  }

  private Map<String, ByteString> records(String collection) {
    return collections.computeIfAbsent(collection, _ -> new TreeMap<>());
  }
}
