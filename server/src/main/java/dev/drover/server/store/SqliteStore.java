package dev.drover.server.store;

import com.google.protobuf.ByteString;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Records of one owner, a driver or the daemon itself, in the daemon's database. */
public final class SqliteStore implements Store {

  private static final String PUT =
      """
      INSERT INTO record (namespace, collection, key, content) VALUES (?, ?, ?, ?)
      ON CONFLICT (namespace, collection, key) DO UPDATE SET content = excluded.content
      """;
  private static final String DELETE =
      "DELETE FROM record WHERE namespace = ? AND collection = ? AND key = ?";
  private static final String READ =
      "SELECT content FROM record WHERE namespace = ? AND collection = ? AND key = ?";
  private static final String LIST =
      "SELECT key, content FROM record WHERE namespace = ? AND collection = ? ORDER BY key";

  private final SqliteDatabase database;
  private final String namespace;

  /**
   * Makes the store of an owner.
   *
   * @param namespace name of the owner, for example {@code driver/qemu}
   */
  public SqliteStore(SqliteDatabase database, String namespace) {
    this.database = database;
    this.namespace = namespace;
  }

  /** A change that has been asked for. */
  private sealed interface Change {
    record Put(String collection, String key, ByteString content) implements Change {}

    record Delete(String collection, String key) implements Change {}
  }

  @Override
  public void transact(Consumer<StoreTransaction> changes) {
    List<Change> asked = new ArrayList<>();
    changes.accept(
        new StoreTransaction() {
          @Override
          public void put(String collection, String key, ByteString content) {
            asked.add(new Change.Put(collection, key, content));
          }

          @Override
          public void delete(String collection, String key) {
            asked.add(new Change.Delete(collection, key));
          }
        });
    if (asked.isEmpty()) {
      return;
    }
    database.write(
        connection -> {
          for (Change change : asked) {
            apply(connection, change);
          }
          return asked.size();
        });
  }

  private void apply(Connection connection, Change change) throws SQLException {
    switch (change) {
      case Change.Put(String collection, String key, ByteString content) -> {
        try (PreparedStatement put = prepare(connection, PUT, collection)) {
          put.setString(3, key);
          put.setBytes(4, content.toByteArray());
          put.executeUpdate();
        }
      }
      case Change.Delete(String collection, String key) -> {
        try (PreparedStatement delete = prepare(connection, DELETE, collection)) {
          delete.setString(3, key);
          delete.executeUpdate();
        }
      }
    }
  }

  @Override
  public Optional<ByteString> read(String collection, String key) {
    return database.read(
        connection -> {
          try (PreparedStatement read = prepare(connection, READ, collection)) {
            read.setString(3, key);
            try (ResultSet result = read.executeQuery()) {
              return result.next()
                  ? Optional.of(ByteString.copyFrom(result.getBytes(1)))
                  : Optional.<ByteString>empty();
            }
          }
        });
  }

  @Override
  public List<StoreRecord> list(String collection) {
    return database.read(
        connection -> {
          List<StoreRecord> records = new ArrayList<>();
          try (PreparedStatement list = prepare(connection, LIST, collection);
              ResultSet result = list.executeQuery()) {
            while (result.next()) {
              records.add(
                  new StoreRecord(result.getString(1), ByteString.copyFrom(result.getBytes(2))));
            }
          }
          return records;
        });
  }

  private PreparedStatement prepare(Connection connection, String sql, String collection)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    statement.setString(1, namespace);
    statement.setString(2, collection);
    return statement;
  }
}
