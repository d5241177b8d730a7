package dev.drover.qemu.probe;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Finds the QEMU that tests with a real one use. */
public final class QemuBinary {
  private QemuBinary() {}

  /**
   * The emulator on the path; a machine without it cannot run these tests, so that is a failure.
   */
  public static Path find() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, "qemu-system-x86_64"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    "qemu-system-x86_64 is not on the PATH; install the package qemu-system-x86"));
  }
}
