package dev.drover.qemu.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names one process for ever. A pid alone is reused, so the start time is part of the name, and as
 * that counts from the host's start, so is the boot.
 *
 * @param pid process id
 * @param startTicks start of the process in clock ticks after the host's start (field 22 of {@code
 *     /proc/PID/stat})
 * @param bootId the host's boot ({@code /proc/sys/kernel/random/boot_id})
 */
public record ProcessIdentity(long pid, long startTicks, String bootId) {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Pattern FILE_FORM =
      Pattern.compile("pid=(\\d+) start=(\\d+) boot=([0-9a-f-]+)\\s*");

  /**
   * The identity of a living process.
   *
   * @return empty when there is no such process, or only its exit status is left
   * @throws IOException when the system does not tell
   */
  public static Optional<ProcessIdentity> ofLiving(long pid) throws IOException {
    Optional<ProcStat> stat = ProcStat.read(pid).filter(ProcStat::isAlive);
    if (stat.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new ProcessIdentity(pid, stat.get().startTicks(), currentBoot()));
  }

  /**
   * The identity of a child that may have ended already; with start 0 when no trace is left of it.
   */
  static ProcessIdentity ofChild(long pid) throws IOException {
    long startTicks = ProcStat.read(pid).map(ProcStat::startTicks).orElse(0L);
    return new ProcessIdentity(pid, startTicks, currentBoot());
  }

  private static String currentBoot() throws IOException {
    return Files.readString(BOOT_ID).strip();
  }

  /**
   * Whether this very process lives, and not another that got its pid.
   *
   * @throws IOException when the system does not tell
   */
  public boolean isAlive() throws IOException {
    return ofLiving(pid).filter(this::equals).isPresent();
  }

  /**
   * Writes the identity so that a reader sees all of it or nothing.
   *
   * @param file where; replaced when it exists
   */
  public void write(Path file) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(temporary, "pid=%d start=%d boot=%s%n".formatted(pid, startTicks, bootId));
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @return empty when the file does not exist
   * @throws IOException when it cannot be read or holds something else
   */
  public static Optional<ProcessIdentity> read(Path file) throws IOException {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    Matcher matcher = FILE_FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IOException("not a process identity: " + file);
    }
    return Optional.of(
        new ProcessIdentity(
            Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)), matcher.group(3)));
  }
}
