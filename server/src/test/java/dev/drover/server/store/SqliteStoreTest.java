package dev.drover.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.drover.server.state.StateException;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.StoreRecord;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R2: what a transaction wrote is there, all of it or nothing. */
class SqliteStoreTest {

  @TempDir private Path directory;

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private SqliteDatabase open() {
    return SqliteDatabase.open(directory.resolve("state.db"));
  }

  @Test
  void recordsSurviveAReopen() {
    try (SqliteDatabase database = open()) {
      new SqliteStore(database, "a")
          .transact(
              changes -> {
                changes.put("jobs", "2", bytes("two"));
                changes.put("jobs", "1", bytes("one"));
                changes.put("jobs", "3", bytes("three"));
                changes.delete("jobs", "3");
              });
    }
    try (SqliteDatabase database = open()) {
      SqliteStore store = new SqliteStore(database, "a");
      assertThat(store.list("jobs"))
          .containsExactly(new StoreRecord("1", bytes("one")), new StoreRecord("2", bytes("two")));
      assertThat(store.read("jobs", "1")).contains(bytes("one"));
      assertThat(store.read("jobs", "3")).isEmpty();
    }
  }

  @Test
  void ownersDoNotSeeEachOther() {
    try (SqliteDatabase database = open()) {
      new SqliteStore(database, "a").transact(changes -> changes.put("c", "k", bytes("x")));
      assertThat(new SqliteStore(database, "b").read("c", "k")).isEmpty();
    }
  }

  @Test
  void aTransactionThatThrowsWritesNothing() {
    try (SqliteDatabase database = open()) {
      SqliteStore store = new SqliteStore(database, "a");
      assertThatThrownBy(
              () ->
                  store.transact(
                      changes -> {
                        changes.put("c", "k", bytes("x"));
                        throw new IllegalStateException("half way");
                      }))
          .hasMessage("half way");
      assertThat(store.read("c", "k")).isEmpty();
    }
  }

  @Test
  void aWriteThatFailsHalfWayIsRolledBackAndTheNextOneWorks() {
    try (SqliteDatabase database = open()) {
      SqliteStore store = new SqliteStore(database, "a");
      assertThatThrownBy(
              () ->
                  database.write(
                      connection -> {
                        SqliteDatabase.execute(
                            connection, "INSERT INTO record VALUES ('a', 'c', 'k', x'00')");
                        throw new SQLException("no");
                      }))
          .isInstanceOf(IllegalStateException.class);
      assertThat(store.read("c", "k")).isEmpty();
      store.transact(changes -> changes.put("c", "k", bytes("x")));
      assertThat(store.read("c", "k")).contains(bytes("x"));
    }
  }

  @Test
  void aFullDiskIsToldAsSuchAndChangesNothing() {
    try (SqliteDatabase database = open()) {
      SqliteStore store = new SqliteStore(database, "a");
      store.transact(changes -> changes.put("c", "before", bytes("x")));
      database.write(
          connection -> {
            try (var statement = connection.createStatement()) {
              return statement.executeUpdate("PRAGMA max_page_count = 20");
            }
          });
      assertThatThrownBy(
              () ->
                  store.transact(
                      changes -> changes.put("c", "k", ByteString.copyFrom(new byte[1 << 20]))))
          .isInstanceOfSatisfying(
              DriverException.class,
              failure -> {
                assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE);
                assertThat(failure.metadata()).containsKey("path");
              });
      assertThat(store.list("c")).hasSize(1);
    }
  }

  @Test
  void aDatabaseOfANewerDaemonIsRefusedAndLeftAlone() throws SQLException {
    open().close();
    try (Connection connection =
        DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("state.db"))) {
      SqliteDatabase.execute(connection, "INSERT INTO schema_version (version) VALUES (99)");
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(StateException.class)
        .hasMessageContaining("schema version 99 of a newer daemon");
  }

  @Test
  void aFileThatIsNoDatabaseIsToldPlainly() throws IOException {
    Files.writeString(directory.resolve("state.db"), "x".repeat(5000));
    assertThatThrownBy(this::open)
        .isInstanceOf(StateException.class)
        .hasMessageContaining("state.db");
  }
}
