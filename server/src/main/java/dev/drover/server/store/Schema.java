package dev.drover.server.store;

import dev.drover.server.state.StateException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The database's tables through the versions of the daemon. Each step leads from one version to the
 * next and is never changed once released; there is no way back.
 */
final class Schema {

  private static final String VERSIONS =
      """
      CREATE TABLE IF NOT EXISTS schema_version (
        version INTEGER PRIMARY KEY,
        applied_time TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
      ) STRICT
      """;

  private static final List<String> STEPS =
      List.of(
          """
          CREATE TABLE record (
            namespace TEXT NOT NULL,
            collection TEXT NOT NULL,
            key TEXT NOT NULL,
            content BLOB NOT NULL,
            PRIMARY KEY (namespace, collection, key)
          ) STRICT, WITHOUT ROWID
          """);

  private Schema() {}

  /** Newest version that this daemon knows. */
  static int newest() {
    return STEPS.size();
  }

  /**
   * Takes the steps that a database lacks, all or none.
   *
   * @throws StateException where the database is newer than this daemon
   */
  static void bringUpToDate(Connection connection, Path file) throws SQLException {
    SqliteDatabase.execute(connection, "BEGIN IMMEDIATE");
    boolean done = false;
    try {
      SqliteDatabase.execute(connection, VERSIONS);
      int present = version(connection);
      if (present > newest()) {
        throw new StateException(
            "the database "
                + file
                + " has schema version "
                + present
                + " of a newer daemon; this one knows versions up to "
                + newest()
                + ". Install the newer daemon again, or choose another --state-directory");
      }
      for (int version = present + 1; version <= newest(); version++) {
        SqliteDatabase.execute(connection, STEPS.get(version - 1));
        record(connection, version);
      }
      SqliteDatabase.execute(connection, "COMMIT");
      done = true;
    } finally {
      if (!done) {
        SqliteDatabase.execute(connection, "ROLLBACK");
      }
    }
  }

  private static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery("SELECT coalesce(max(version), 0) FROM schema_version")) {
      return result.next() ? result.getInt(1) : 0;
    }
  }

  private static void record(Connection connection, int version) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO schema_version (version) VALUES (?)")) {
      insert.setInt(1, version);
      insert.executeUpdate();
    }
  }
}
