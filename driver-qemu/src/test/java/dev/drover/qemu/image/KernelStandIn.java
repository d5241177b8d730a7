package dev.drover.qemu.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a kernel would tell about one process, in a directory of the same form. */
final class KernelStandIn {

  static final long PID = 4242;

  /** Flags of a file open for reading and writing, and of one that is only written. */
  static final String READ_WRITE = "02500002";

  static final String APPENDS = "02102001";

  private final Path directory;
  private int descriptors;

  KernelStandIn(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(process().resolve("fd"));
    Files.createDirectories(process().resolve("fdinfo"));
  }

  Path directory() {
    return directory;
  }

  Path process() {
    return directory.resolve(Long.toString(PID));
  }

  /** The process opens a file. */
  void opens(Path file) throws IOException {
    opens(file, READ_WRITE, "ino:\t" + FileIdentity.of(file).orElseThrow().inode());
  }

  /** The process opens a file, of which the kernel says this. */
  void opens(Path file, String flags, String inodeLine) throws IOException {
    descriptors++;
    String number = Integer.toString(descriptors);
    Files.createSymbolicLink(process().resolve("fd").resolve(number), file);
    Files.writeString(
        process().resolve("fdinfo").resolve(number),
        "pos:\t0\nflags:\t" + flags + "\nmnt_id:\t29\n" + inodeLine + "\n");
  }
}
