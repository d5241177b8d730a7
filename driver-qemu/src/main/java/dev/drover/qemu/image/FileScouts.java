package dev.drover.qemu.image;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a file can be looked at, or opened and closed, without waiting for ever, before
 * the daemon does so: another process does the same first, and it is that one which the kernel
 * cannot end where the file system does not answer (R27; see {@link AskingProcesses}). What is read
 * needs no scout: the kernel lets a killed process go that waits for the content of a file.
 *
 * <p>A window is left. A file system may cease to answer after the scout came back and before the
 * daemon is done with the file, mostly well within a millisecond. Then a thread of the daemon
 * waits, and a daemon that is killed meanwhile stays until the file system answers. A file system
 * that ceased to before holds nothing but scouts.
 *
 * <p>An order is a line to a shell that starts no program for it, which takes about 30 µs. Safe for
 * any threads.
 */
final class FileScouts {

  private static final Logger logger = LoggerFactory.getLogger(FileScouts.class);
  private static final String LOOKS = "looks ";
  private static final String OPENS = "opens ";

  /** What is neither a file nor a block device is not opened: that could wait for ever. */
  static final String LOOP =
      """
      while IFS= read -r order; do
        file=${order#* }
        case $order in
          looks*) [ -e "$file" ] ;;
          opens*)
            if [ -f "$file" ] || [ -b "$file" ]; then
              { :; } <"$file"
            fi
            ;;
        esac
        echo
      done
      """;

  /** Scouts as processes. */
  static final FileScouts PROCESSES = new FileScouts(new AskingProcesses(LOOP)::ask);

  private final AtomicBoolean failureTold = new AtomicBoolean();
  private final Scout scout;

  /** Comes back once a file system has answered, whatever it said. */
  @FunctionalInterface
  interface Scout {
    String send(String order) throws IOException;
  }

  FileScouts(Scout scout) {
    this.scout = scout;
  }

  /** Returns once a scout could follow a path and look at what is there; maybe never. */
  void look(String path) {
    send(LOOKS, path);
  }

  /** Returns once a scout could open a file and close it; maybe never. */
  void open(String path) {
    send(OPENS, path);
  }

  /** A path with control characters is refused by whoever is going to ask about it. */
  private void send(String order, String path) {
    if (path.chars().anyMatch(Character::isISOControl)) {
      return;
    }
    try {
      var _ = scout.send(order + path);
    } catch (IOException e) {
      // A daemon that cannot have processes of its own would do nothing else, either.
      if (failureTold.compareAndSet(false, true)) {
        logger.warn("'{}' is looked at without a scout; this is told once", path, e);
      }
    }
  }
}
