package dev.drover.qemu.image;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proves that a process has opened the files that were checked (R11). A process is given paths,
 * which may lead elsewhere by the time it follows them; the kernel tells afterwards what it has
 * open, and whoever told the process to open something compares the two before anything is read or
 * written through it. Where the kernel does not tell, because the process is another user's, that
 * is logged once, and nothing is refused for it. Safe for any threads.
 *
 * <p>Scouts look at the files that were checked before anything is compared ({@link FileScouts}).
 * What a process has open is looked at without one, since it may open it anew at any moment: that
 * is those same files, and others only where a file system numbers its files twice.
 */
public final class OpeningCheck {

  private static final Logger logger = LoggerFactory.getLogger(OpeningCheck.class);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int MOST_SHOWN = 3;

  /** More than a process ever opens a file anew while one looks. */
  private static final int MOST_LOOKS = 100;

  /** Looks that show the same, one after the other, of a process that opens nothing anew. */
  private static final int SAME_LOOKS = 10;

  private final ImagePaths paths;
  private final Path processes;
  private final AtomicBoolean blindnessTold = new AtomicBoolean();

  /** A check by this rule of paths. */
  public OpeningCheck(ImagePaths paths) {
    this(paths, Path.of("/proc"));
  }

  /**
   * The same with what a kernel would tell.
   *
   * @param processes directory with a directory for each process
   */
  OpeningCheck(ImagePaths paths, Path processes) {
    this.paths = paths;
    this.processes = processes;
  }

  /**
   * The file that a path leads to, and may.
   *
   * @throws DriverException PATH_NOT_ALLOWED, IMAGE_NOT_FOUND; DEADLINE_EXCEEDED where its file
   *     system does not answer
   */
  public CheckedFile check(String path) {
    scouted(path);
    Optional<FileIdentity> found = asked(path, () -> FileIdentity.of(paths.requireAsked(path)));
    return new CheckedFile(
        path,
        found.orElseThrow(
            () ->
                DriverException.of(
                    ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND,
                    "image '%s' does not exist any more; put it back, then try again"
                        .formatted(path),
                    "path",
                    path)));
  }

  /**
   * Where a path leads, and may, of a file that need not be there.
   *
   * @throws DriverException PATH_NOT_ALLOWED; DEADLINE_EXCEEDED where its file system does not
   *     answer
   */
  public CheckedPlace place(String path) {
    scouted(path);
    return new CheckedPlace(path, asked(path, () -> paths.requireReal(path).toString()));
  }

  /**
   * Refuses a process that writes its logs elsewhere than where they may lie. Without a rule of
   * directories they may lie anywhere.
   *
   * @throws DriverException PATH_NOT_ALLOWED
   */
  public void requireLogs(String domain, long pid, List<CheckedPlace> places) {
    if (places.isEmpty() || !paths.limited()) {
      return;
    }
    List<String> written =
        open(domain, pid).stream()
            .filter(Predicate.not(Descriptor::reads))
            .map(Descriptor::target)
            .toList();
    for (CheckedPlace place : places) {
      if (!written.isEmpty() && !written.contains(place.real())) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
            ("domain '%s': the hypervisor, process %d, does not write to '%s', where the log '%s'"
                    + " was to lie, but to %s; find out who changes links there, then try again")
                .formatted(domain, pid, place.real(), place.path(), written),
            "path",
            place.path());
      }
    }
  }

  /**
   * Refuses a process that has not opened what was checked. To be asked when every permission that
   * it opens its images with is settled, since QEMU follows a path again for another one. A process
   * that has ended is not refused: whoever talks to it learns that better.
   *
   * @param domain name of the domain, for errors
   * @param pid id of the process
   * @param files the files, each as often as the process was told to open it
   * @throws DriverException PATH_NOT_ALLOWED where one lies outside the allowed directories by now;
   *     CHAIN_DIVERGED where another file was opened in the place of one; DEADLINE_EXCEEDED where
   *     the file system of one does not answer
   */
  public void require(String domain, long pid, List<CheckedFile> files) {
    if (files.isEmpty()) {
      return;
    }
    Map<FileIdentity, List<CheckedFile>> wanted =
        files.stream()
            .collect(
                Collectors.groupingBy(
                    CheckedFile::identity, LinkedHashMap::new, Collectors.toList()));
    wanted.values().forEach(same -> scouted(same.getFirst().path()));
    List<Descriptor> open = read(domain, pid);
    Optional<DriverException> difference = difference(domain, pid, open, wanted);
    int same = 0;
    for (int looks = 1;
        difference.isPresent() && looks < MOST_LOOKS && same < SAME_LOOKS;
        looks++) {
      // A process that opens a file anew meanwhile may be seen with neither the old nor the new
      // descriptor, on a busy machine more than once, so that only what stays so says something.
      List<Descriptor> before = open;
      open = read(domain, pid);
      same = open.equals(before) ? same + 1 : 0;
      difference = difference(domain, pid, open, wanted);
    }
    if (difference.isPresent()) {
      throw difference.get();
    }
  }

  /** What a process can read; nothing where that cannot be seen. */
  private List<Descriptor> read(String domain, long pid) {
    return open(domain, pid).stream().filter(Descriptor::reads).toList();
  }

  private Optional<DriverException> difference(
      String domain, long pid, List<Descriptor> open, Map<FileIdentity, List<CheckedFile>> wanted) {
    return open.isEmpty()
        ? Optional.empty()
        : wanted.entrySet().stream()
            .map(file -> difference(domain, pid, open, wanted, file.getKey(), file.getValue()))
            .flatMap(Optional::stream)
            .findFirst();
  }

  /** What a process has open; nothing where it has ended, or where that cannot be seen. */
  private List<Descriptor> open(String domain, long pid) {
    try {
      return Descriptor.of(processes.resolve(Long.toString(pid)));
    } catch (IOException e) {
      tellBlindness(domain, pid, e);
      return List.of();
    }
  }

  private Optional<DriverException> difference(
      String domain,
      long pid,
      List<Descriptor> open,
      Map<FileIdentity, List<CheckedFile>> wanted,
      FileIdentity identity,
      List<CheckedFile> same) {
    String path = same.getFirst().path();
    List<Descriptor> held = held(path, open, identity);
    long inside = held.stream().filter(file -> paths.allows(file.target())).count();
    if (inside >= same.size()) {
      return Optional.empty();
    }
    if (held.size() >= same.size()) {
      String where =
          held.stream()
              .map(Descriptor::target)
              .filter(Predicate.not(paths::allows))
              .findFirst()
              .orElse(path);
      return Optional.of(
          DriverException.of(
              ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
              ("domain '%s': what the hypervisor opened as '%s' lies at '%s' by now, outside the"
                      + " allowed directories; find out who moves images, then try again")
                  .formatted(domain, path, where),
              "path",
              path));
    }
    return Optional.of(
        DriverException.of(
            ErrorReason.ERROR_REASON_CHAIN_DIVERGED,
            ("domain '%s': image '%s' is not the file that the hypervisor, process %d, has open for"
                    + " it, %s; find out who exchanges links and files there, then try again")
                .formatted(domain, path, pid, instead(open, wanted)),
            "domain",
            domain,
            "path",
            path));
  }

  /**
   * The descriptors of a file. Those are asked about first that have its number in the kernel's
   * eyes, so that no other file system is waited for; some file systems number their files twice.
   */
  private static List<Descriptor> held(String path, List<Descriptor> open, FileIdentity identity) {
    Predicate<Descriptor> likely =
        file -> file.inode().isEmpty() || file.inode().getAsLong() == identity.inode();
    List<Descriptor> first = of(path, open.stream().filter(likely), identity);
    return first.isEmpty()
        ? of(path, open.stream().filter(Predicate.not(likely)), identity)
        : first;
  }

  private static List<Descriptor> of(
      String path, Stream<Descriptor> candidates, FileIdentity identity) {
    List<Descriptor> asked = candidates.toList();
    return asked.isEmpty()
        ? List.of()
        : asked(
            path,
            () ->
                asked.stream()
                    .filter(
                        file -> FileIdentity.of(file.link()).filter(identity::equals).isPresent())
                    .toList());
  }

  /** What the process has open that was not to be opened with this, the newest first. */
  private static String instead(
      List<Descriptor> open, Map<FileIdentity, List<CheckedFile>> wanted) {
    Set<Long> inodes = new HashSet<>();
    wanted.keySet().forEach(identity -> inodes.add(identity.inode()));
    List<String> others = new ArrayList<>();
    for (Descriptor file : open) {
      boolean wantedToo = file.inode().isPresent() && inodes.contains(file.inode().getAsLong());
      if (!wantedToo && !file.target().startsWith("/dev/") && others.size() < MOST_SHOWN) {
        others.add("'" + file.target() + "'");
      }
    }
    return others.isEmpty()
        ? "which has nothing else open"
        : "which has open besides: " + String.join(", ", others);
  }

  /** Waits until the file system of a file answers somebody else. */
  private static void scouted(String path) {
    var _ =
        asked(
            path,
            () -> {
              FileQuestions.HOST.scouts().look(path);
              return true;
            });
  }

  private static <T> T asked(String path, FileQuestions.Question<T> question) {
    try {
      return FileQuestions.HOST.answerAtOnce(path, PATIENCE, question);
    } catch (FileQuestions.Unanswered e) {
      throw ImageFiles.unanswered(path, e);
    } catch (IOException e) {
      throw new IllegalStateException("failures of files are told as refusals", e);
    }
  }

  private void tellBlindness(String domain, long pid, IOException why) {
    if (blindnessTold.compareAndSet(false, true)) {
      logger.warn(
          "Domain {}: what process {} has opened cannot be seen ({}), so that images exchanged"
              + " before it opened them go unnoticed; let the hypervisor run as the daemon's user."
              + " This is told once",
          domain,
          pid,
          why.toString());
    } else {
      logger.debug("Domain {}: what process {} has opened cannot be seen", domain, pid, why);
    }
  }
}
