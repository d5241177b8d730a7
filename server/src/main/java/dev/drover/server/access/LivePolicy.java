package dev.drover.server.access;

import dev.drover.server.state.StateException;
import dev.drover.server.watch.Repetition;
import dev.drover.server.watch.Timers;
import dev.drover.spi.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy as its file says now. The file is looked at from time to time; one that cannot be used
 * is told in the log, once, and the policy before it stays: neither a slip of the pen nor a file
 * that is gone locks people out or lets them in. Every decision made after a change follows it,
 * also on streams that are open.
 */
public final class LivePolicy implements PermissionPolicy, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LivePolicy.class);

  /** Time between two looks at the file. */
  static final Duration LOOK = Duration.ofSeconds(2);

  private static final int MOST_BYTES = 1 << 20;

  private static final Set<PosixFilePermission> TOO_OPEN =
      Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private final Optional<Path> file;
  private final long owner;
  private volatile RolePolicy current;
  private volatile Optional<Repetition> looks = Optional.empty();

  /** What the file said when it was looked at last, or why it could not be read. */
  private String seen;

  private LivePolicy(Optional<Path> file, long owner, String seen, RolePolicy current) {
    this.file = file;
    this.owner = owner;
    this.seen = seen;
    this.current = current;
  }

  /** The policy of a daemon without a file: its user and root may do everything, others nothing. */
  public static LivePolicy ownerOnly(long owner) {
    return new LivePolicy(Optional.empty(), owner, "", new RolePolicy(owner, List.of()));
  }

  /**
   * Reads the policy of a file.
   *
   * @param owner numeric id of the user the daemon runs as
   * @throws StateException with every mistake, where the file cannot be used
   */
  public static LivePolicy open(Path file, long owner) {
    try {
      String text = text(file, owner);
      return new LivePolicy(
          Optional.of(file), owner, text, new RolePolicy(owner, PolicyReader.parse(text)));
    } catch (IOException | PolicyException e) {
      throw new StateException("the policy " + file + " cannot be used:\n" + e.getMessage(), e);
    }
  }

  /**
   * The bindings of a file, without following it.
   *
   * @param owner numeric id of the user the daemon would run as
   * @throws PolicyException with every mistake, or because the file cannot be read or trusted
   */
  public static List<Binding> read(Path file, long owner) throws PolicyException {
    String text;
    try {
      text = text(file, owner);
    } catch (IOException e) {
      throw new PolicyException(List.of(String.valueOf(e.getMessage())), e);
    }
    return PolicyReader.parse(text);
  }

  /**
   * Begins to look at the file.
   *
   * @param executor runs the looks, which may block
   */
  public void follow(Timers timers, Executor executor) {
    if (file.isPresent()) {
      looks = Optional.of(Repetition.start(timers, executor, LOOK, this::look));
    }
  }

  /** Looks at the file and takes over what it says if that has changed and can be used. */
  public synchronized void look() {
    file.ifPresent(this::look);
  }

  private void look(Path path) {
    String text;
    try {
      text = text(path, owner);
    } catch (IOException e) {
      refused(path, e.toString(), e);
      return;
    }
    if (text.equals(seen)) {
      return;
    }
    try {
      current = new RolePolicy(owner, PolicyReader.parse(text));
      seen = text;
      log.info("the policy {} has changed and holds from now on", path);
    } catch (PolicyException e) {
      refused(path, text, e);
    }
  }

  /** Tells a bad file once, however often it is looked at. */
  private void refused(Path path, String state, Exception why) {
    if (!state.equals(seen)) {
      seen = state;
      log.error(
          "the policy {} cannot be used, the one before it stays: {}", path, why.getMessage());
    }
  }

  /** The policy of this moment. */
  public RolePolicy current() {
    return current;
  }

  @Override
  public Grant grant(Caller caller, String permission) {
    return current.grant(caller, permission);
  }

  @Override
  public void close() {
    looks.ifPresent(Repetition::close);
  }

  /** Who may write the file decides who may do what, so nobody but the owner and root may. */
  private static String text(Path file, long owner) throws IOException {
    if (Files.notExists(file)) {
      throw new IOException(file + " does not exist");
    }
    PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
    Object uid = Files.getAttribute(file, "unix:uid");
    if (!attributes.isRegularFile()) {
      throw new IOException(file + " is no regular file");
    }
    if (!uid.equals(0) && !uid.equals((int) owner)) {
      throw new IOException(
          file + " belongs to user " + uid + "; it must belong to root or to the daemon's user");
    }
    if (attributes.permissions().stream().anyMatch(TOO_OPEN::contains)) {
      throw new IOException(
          file + " can be written by its group or by everybody; run chmod go-w on it");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException(file + " has more than " + MOST_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
