package dev.drover.qemu.domain;

import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** The way to the monitor of a QEMU or storage daemon that this driver has started. */
public final class MonitorConnector {

  private MonitorConnector() {}

  /**
   * Waits until a process that was just made can be talked to; see {@link QemuProcess#awaitStart}.
   *
   * @throws DriverException CALL_CANCELLED where the thread is interrupted
   */
  public static void awaitStart(QemuProcess process, Path pidFile, Duration atMost) {
    try {
      process.awaitStart(pidFile, atMost);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DriverException.causedBy(
          e, ErrorReason.ERROR_REASON_CALL_CANCELLED, "the call was given up");
    }
  }

  /**
   * Connects, and sees to it that no other process answers there.
   *
   * @throws IOException where nobody listens until the deadline, or another process answers
   */
  public static QmpConnection connect(
      QmpEventLoop loop, Path socket, QemuProcess process, Duration deadline) throws IOException {
    QmpConnection fresh =
        QmpConnection.connectWhenListening(loop, socket, deadline, process::isAlive);
    if (fresh.peer().pid() != process.pid()) {
      fresh.close();
      throw new IOException(
          "process %d answers on the monitor of process %d"
              .formatted(fresh.peer().pid(), process.pid()));
    }
    return fresh;
  }
}
