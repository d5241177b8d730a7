package dev.drover.server.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.recovery.RecoveryListener;
import ch.qos.logback.core.recovery.ResilientFileOutputStream;
import ch.qos.logback.core.rolling.RollingFileAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of the audit records. Where it was moved away or deleted, the next record begins a new
 * one; where it cannot be written, the log says so once, and once again when it can.
 */
final class AuditFile extends RollingFileAppender<ILoggingEvent> {

  private static final Logger log = LoggerFactory.getLogger(AuditFile.class);
  private static final Map<String, Object> NOTHING = Map.of();

  private final ReentrantLock lock = new ReentrantLock();
  private Map<String, Object> open = NOTHING;

  /** A record was lost, and none has been written since. */
  private boolean failing;

  /** The file was opened again since, so that the next record shows whether it can be written. */
  private boolean mended;

  @Override
  protected void subAppend(ILoggingEvent event) {
    lock.lock();
    try {
      reopen();
      boolean tried = mended;
      super.subAppend(event);
      if (failing && tried && mended) {
        failing = false;
        log.warn("audit records are written to {} again", getFile());
      }
    } finally {
      lock.unlock();
    }
  }

  private void reopen() {
    String path = getFile();
    if (!open.equals(identity(path))) {
      try {
        openFile(path);
      } catch (IOException e) {
        new Teller().newFailure(e);
      }
    }
  }

  @Override
  public void openFile(String path) throws IOException {
    super.openFile(path);
    open = identity(path);
    mended = true;
    if (getOutputStream() instanceof ResilientFileOutputStream stream) {
      stream.addRecoveryListener(new Teller());
    }
  }

  /** What tells a file from another of the same name; nothing where there is none. */
  private static Map<String, Object> identity(String path) {
    try {
      return Files.readAttributes(Path.of(path), "unix:ino,dev");
    } catch (IOException _) {
      return NOTHING;
    }
  }

  /** Hears from the stream, which calls itself recovered before it has written anything. */
  private final class Teller implements RecoveryListener {

    @Override
    public void newFailure(IOException why) {
      mended = false;
      if (!failing) {
        failing = true;
        log.error(
            "audit records cannot be written to {}, and are missing there until they can: {}",
            getFile(),
            why.toString());
      }
    }

    @Override
    public void recoveryOccured() {
      mended = true;
    }
  }
}
