package dev.drover.qemu.image;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file that a process has open, as the kernel tells without asking the file's file system.
 *
 * @param link the kernel's link to the open file itself, which following its path might not reach
 * @param target where the file lies, links followed; of an unlinked one where it lay
 * @param reads whether the process can read it; false of a log, which is only written
 * @param inode number of the file in its file system; empty where the kernel does not tell
 */
record Descriptor(Path link, String target, boolean reads, OptionalLong inode) {

  private static final int ACCESS = 03;
  private static final int WRITES_ONLY = 01;
  private static final int NAMES_ONLY = 010000000;
  private static final int OCTAL = 8;

  /** More than a process ever closes files while they are listed. */
  private static final int MOST_LOOKS = 100;

  /**
   * The files that a process has open, the newest descriptor first; no pipes and sockets.
   *
   * @param process directory of the process in {@code /proc}
   * @return empty where the process has ended
   * @throws AccessDeniedException where this process may not look
   */
  static List<Descriptor> of(Path process) throws IOException {
    for (int looks = 1; ; looks++) {
      List<Path> links = links(process);
      List<Descriptor> found = new ArrayList<>();
      boolean closed = false;
      for (Path link : links) {
        try {
          read(process, link).ifPresent(found::add);
        } catch (NoSuchFileException e) {
          // A file may have been opened anew in its place, unlisted.
          closed = true;
        }
      }
      if (!closed || looks == MOST_LOOKS) {
        return found;
      }
    }
  }

  /** The kernel's links, the newest descriptor first; none where the process has ended. */
  private static List<Path> links(Path process) throws IOException {
    List<Path> links = new ArrayList<>();
    try (DirectoryStream<Path> listed = Files.newDirectoryStream(process.resolve("fd"))) {
      listed.forEach(links::add);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    links.sort(Comparator.comparingLong(Descriptor::number).reversed());
    return links;
  }

  private static long number(Path link) {
    return Long.parseLong(link.getFileName().toString());
  }

  private static Optional<Descriptor> read(Path process, Path link) throws IOException {
    String target = Files.readSymbolicLink(link).toString();
    return target.startsWith("/")
        ? facts(
            link, target, Files.readAllLines(process.resolve("fdinfo").resolve(link.getFileName())))
        : Optional.empty();
  }

  private static Optional<Descriptor> facts(Path link, String target, List<String> lines)
      throws IOException {
    try {
      long flags = Long.parseLong(fact(lines, "flags:").orElse("0"), OCTAL);
      if ((flags & NAMES_ONLY) != 0) {
        return Optional.empty();
      }
      Optional<String> inode = fact(lines, "ino:");
      return Optional.of(
          new Descriptor(
              link,
              target,
              (flags & ACCESS) != WRITES_ONLY,
              inode.isPresent()
                  ? OptionalLong.of(Long.parseUnsignedLong(inode.get()))
                  : OptionalLong.empty()));
    } catch (NumberFormatException e) {
      throw new IOException("unexpected form of /proc/PID/fdinfo: " + lines, e);
    }
  }

  private static Optional<String> fact(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).strip())
        .findFirst();
  }
}
