package dev.drover.qemu.image;

import dev.drover.spi.error.DriverException;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Files with which many others are compared, each asked about once: by path and by what the path
 * leads to.
 */
public final class KnownFiles {

  private final Set<String> paths;
  private final Set<FileIdentity> identities = new HashSet<>();
  private final Identities asked;
  private boolean silent;

  /** Tells what a path leads to; empty where there is nothing. */
  interface Identities {
    Optional<FileIdentity> of(String path) throws IOException;
  }

  private KnownFiles(Set<String> paths, Identities asked) {
    this.paths = Set.copyOf(paths);
    this.asked = asked;
  }

  /** Looks at the files that these paths lead to. */
  public static KnownFiles at(Set<String> paths) {
    return at(paths, ImageFiles::identity);
  }

  static KnownFiles at(Set<String> paths, Identities asked) {
    KnownFiles files = new KnownFiles(paths, asked);
    paths.forEach(files::look);
    return files;
  }

  private void look(String path) {
    try {
      asked.of(path).ifPresent(identities::add);
    } catch (FileQuestions.Unanswered e) {
      silent = true;
    } catch (IOException e) {
      throw new IllegalStateException("a file that cannot be looked at is none", e);
    }
  }

  /**
   * Whether a path leads to one of them: by links, hard links or another spelling. A file whose
   * file system does not answer is none of those whose file system does, so that it holds nobody
   * else up (R4).
   *
   * @throws DriverException DEADLINE_EXCEEDED where it does not answer, nor does one of them
   */
  public boolean include(String path) {
    if (paths.contains(path)) {
      return true;
    }
    if (identities.isEmpty() && !silent) {
      return false;
    }
    try {
      return asked.of(path).filter(identities::contains).isPresent();
    } catch (FileQuestions.Unanswered e) {
      if (silent) {
        throw ImageFiles.unanswered(path, e);
      }
      return false;
    } catch (IOException e) {
      throw new IllegalStateException("a file that cannot be looked at is none", e);
    }
  }
}
