package dev.drover.qemu.offline;

import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpEventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** How the monitors of storage daemons are reached (C16). Safe for any threads. */
@FunctionalInterface
public interface StorageMonitors {

  /**
   * Connects to a monitor that listens, or will in a moment.
   *
   * @param loop thread that serves the connection
   * @param socket where the monitor listens
   * @param process whose monitor it is
   * @param deadline longest wait
   * @throws IOException where it does not answer in time, its process has ended, or another process
   *     answers in its place
   */
  QmpConnection connect(QmpEventLoop loop, Path socket, QemuProcess process, Duration deadline)
      throws IOException;
}
