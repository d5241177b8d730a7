package dev.drover.server.store;

import dev.drover.server.state.StateException;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The daemon's one database file. One connection writes, another reads what was committed, so that
 * a reader never waits for a transaction under way; each is used by one thread at a time.
 */
public final class SqliteDatabase implements AutoCloseable {

  private final Path file;
  private final Connection writer;
  private final Connection reader;
  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock reading = new ReentrantLock();
  private final StoreListener listener;
  private final AtomicReference<Optional<Long>> writingSince =
      new AtomicReference<>(Optional.empty());

  private SqliteDatabase(Path file, Connection writer, Connection reader, StoreListener listener) {
    this.listener = listener;
    this.file = file;
    this.writer = writer;
    this.reader = reader;
  }

  /**
   * Opens the database, makes it where there is none, and brings an older schema up to date.
   *
   * @throws StateException where it cannot be used, or was written by a newer daemon
   */
  public static SqliteDatabase open(Path file) {
    return open(file, StoreListener.NONE);
  }

  /**
   * {@link #open(Path)} with somebody who measures.
   *
   * @param listener hears of every transaction
   */
  public static SqliteDatabase open(Path file, StoreListener listener) {
    try {
      Connection writer = connect(file);
      try {
        Schema.bringUpToDate(writer, file);
        return new SqliteDatabase(file, writer, connect(file), listener);
      } catch (SQLException | RuntimeException e) {
        writer.close();
        throw e;
      }
    } catch (SQLException e) {
      throw new StateException(
          "the database " + file + " cannot be opened (" + e.getMessage() + ")", e);
    }
  }

  private static Connection connect(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setBusyTimeout(5_000);
    return config.createConnection("jdbc:sqlite:" + file);
  }

  /** Work on a connection. */
  @FunctionalInterface
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /**
   * Runs work as one transaction; what it throws undoes everything.
   *
   * @throws DriverException NO_SPACE or STATE_NOT_WRITABLE
   */
  void write(Work<?> work) {
    long asked = System.nanoTime();
    writing.lock();
    long began = System.nanoTime();
    writingSince.set(Optional.of(began));
    boolean done = false;
    try {
      execute(writer, "BEGIN IMMEDIATE");
      try {
        work.run(writer);
        execute(writer, "COMMIT");
        done = true;
      } finally {
        if (!done) {
          rollBack();
        }
      }
    } catch (SQLException e) {
      throw failure(e);
    } finally {
      long ended = System.nanoTime();
      writingSince.set(Optional.empty());
      writing.unlock();
      listener.transacted(Duration.ofNanos(began - asked), Duration.ofNanos(ended - began), done);
    }
  }

  /** Who waits for it at the moment. Takes no lock. */
  public StoreWaits waits() {
    return new StoreWaits(
        writingSince.get().map(since -> Duration.ofNanos(System.nanoTime() - since)),
        writing.getQueueLength());
  }

  /** SQLite has rolled back by itself after some failures; then there is nothing left to undo. */
  private void rollBack() throws SQLException {
    try {
      execute(writer, "ROLLBACK");
    } catch (SQLiteException e) {
      if (e.getResultCode() != SQLiteErrorCode.SQLITE_ERROR) {
        throw e;
      }
    }
  }

  /** Reads what was committed. */
  <T> T read(Work<T> work) {
    reading.lock();
    try {
      return work.run(reader);
    } catch (SQLException e) {
      throw failure(e);
    } finally {
      reading.unlock();
    }
  }

  private RuntimeException failure(SQLException thrown) {
    if (thrown instanceof SQLiteException sqlite) {
      // The low byte is the primary code; the rest says where it happened.
      int primary = sqlite.getResultCode().code & 0xff;
      if (primary == SQLiteErrorCode.SQLITE_FULL.code) {
        return DriverException.causedBy(
            thrown,
            ErrorReason.ERROR_REASON_NO_SPACE,
            "the disk that holds " + file + " is full; free space and call again",
            "path",
            file.toString());
      }
      if (primary == SQLiteErrorCode.SQLITE_IOERR.code
          || primary == SQLiteErrorCode.SQLITE_READONLY.code
          || primary == SQLiteErrorCode.SQLITE_CANTOPEN.code
          || primary == SQLiteErrorCode.SQLITE_PERM.code) {
        return DriverException.causedBy(
            thrown,
            ErrorReason.ERROR_REASON_STATE_NOT_WRITABLE,
            "the daemon's state " + file + " cannot be written; nothing was changed",
            "path",
            file.toString());
      }
    }
    return new IllegalStateException("the database " + file + " failed", thrown);
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    writing.lock();
    reading.lock();
    try {
      reader.close();
      writer.close();
    } catch (SQLException e) {
      throw new StateException("the database " + file + " could not be closed", e);
    } finally {
      reading.unlock();
      writing.unlock();
    }
  }
}
