package dev.drover.qemu.offline;

import dev.drover.qemu.config.CommandLine;
import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.domain.RunDirectories;
import dev.drover.qemu.process.ProcessIdentity;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.process.SpawnSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Starts storage daemons and finds those that an earlier daemon has started. */
final class StorageProcess {

  private static final String MONITOR = "qmp";

  private StorageProcess() {}

  /**
   * Starts a storage daemon without images; they are opened through its monitor, which says why
   * where one cannot be.
   */
  static QemuProcess spawn(Path program, RunFiles files) throws IOException {
    RunDirectories.create(files);
    List<String> command =
        List.of(
            program.toString(),
            "--chardev",
            "socket,id=%s,server=on,wait=off,%s".formatted(MONITOR, socket(files)),
            "--monitor",
            "chardev=" + MONITOR,
            "--pidfile",
            files.pidFile().toString());
    return QemuProcess.spawn(new SpawnSpec(command, files.directory(), files.output()));
  }

  /**
   * Who the process of a record is, alive or not: by the record, by the file that is written right
   * after the process was made, or, where a daemon died between the two, by its command line, which
   * names a socket that no other process has.
   */
  static Optional<ProcessIdentity> find(StorageRecord record) throws IOException {
    if (record.process().isPresent()) {
      return record.process();
    }
    RunFiles files = new RunFiles(record.runDirectory());
    Optional<ProcessIdentity> written =
        ProcessIdentity.read(files.directory().resolve(QemuProcess.IDENTITY_FILE));
    return written.isPresent() ? written : byCommandLine(files);
  }

  private static Optional<ProcessIdentity> byCommandLine(RunFiles files) throws IOException {
    String socket = socket(files);
    for (long pid : ProcessHandle.allProcesses().mapToLong(ProcessHandle::pid).toArray()) {
      if (commandLine(pid).contains(socket)) {
        return ProcessIdentity.ofLiving(pid);
      }
    }
    return Optional.empty();
  }

  /** Empty for processes that have ended or belong to others. */
  private static String commandLine(long pid) {
    try {
      return Files.readString(
          Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static String socket(RunFiles files) {
    return "path=" + CommandLine.escaped(files.monitor().toString());
  }
}
