package dev.drover.server.tls;

import dev.drover.server.config.DaemonConfig;
import dev.drover.server.state.StateException;
import dev.drover.server.watch.Repetition;
import dev.drover.server.watch.Timers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of {@code [tls]} as they are now: looked at every second, read again where one of them
 * changed, and used from then on by new handshakes and new calls (R14). Files that cannot be used
 * together leave the earlier ones in force.
 */
public final class LiveTls implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LiveTls.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final DaemonConfig.Tls files;
  private final InstantSource clock;
  private final Repetition looks;
  private volatile InForce inForce;
  private String seen;

  /**
   * What counts at a time.
   *
   * @param number grows with every change
   */
  record InForce(long number, TlsMaterial material) {}

  private LiveTls(
      DaemonConfig.Tls files,
      InstantSource clock,
      Timers timers,
      ExecutorService blocking,
      String seen,
      TlsMaterial material) {
    this.files = files;
    this.clock = clock;
    this.seen = seen;
    this.inForce = new InForce(1, material);
    this.looks = Repetition.start(timers, blocking, INTERVAL, this::reload);
  }

  /**
   * Reads the files and begins to watch them.
   *
   * @throws StateException where they cannot be used
   */
  public static LiveTls open(
      DaemonConfig.Tls files, InstantSource clock, Timers timers, ExecutorService blocking) {
    try {
      String seen = look(files);
      TlsMaterial material = TlsMaterial.read(files, clock);
      LiveTls live = new LiveTls(files, clock, timers, blocking, seen, material);
      live.warn(material);
      return live;
    } catch (TlsException e) {
      throw new StateException("TCP cannot be served: " + e.getMessage(), e);
    }
  }

  InForce inForce() {
    return inForce;
  }

  /**
   * Checks a client by the rules that count now.
   *
   * @return until when the answer counts, as long as the files do not change
   * @throws PeerRefused where it is not believed
   */
  public Instant check(List<X509Certificate> chain) throws PeerRefused {
    return inForce.material().rules().check(chain);
  }

  /** The time. */
  public InstantSource clock() {
    return clock;
  }

  /** The number of the files' latest change. */
  public long number() {
    return inForce.number();
  }

  private synchronized void reload() {
    String now = look(files);
    if (now.equals(seen)) {
      return;
    }
    // Noted before they are read: a change in between is seen the next time.
    seen = now;
    try {
      TlsMaterial material = TlsMaterial.read(files, clock);
      inForce = new InForce(inForce.number() + 1, material);
      log.info("the files of [tls] changed and are in force");
      warn(material);
    } catch (TlsException e) {
      log.error(
          "the files of [tls] changed and the earlier ones stay in force: {}", e.getMessage());
    }
  }

  private void warn(TlsMaterial material) {
    X509Certificate own = material.chain().getFirst();
    var end = own.getNotAfter().toInstant();
    if (clock.instant().isAfter(end)) {
      log.error(
          "clients will refuse this daemon: its certificate {} expired at {}",
          CertificateText.subject(own),
          end);
    } else {
      log.info("tls: certificate {} is valid until {}", CertificateText.subject(own), end);
    }
  }

  private static String look(DaemonConfig.Tls files) {
    return Stream.concat(
            Stream.of(files.certificate(), files.key(), files.clientCa()),
            files.revocationList().stream())
        .map(LiveTls::look)
        .collect(Collectors.joining(" "));
  }

  /** What changes with a file's content; a file that is not there looks different, too. */
  private static String look(Path file) {
    try {
      // The time of the change comes with other permissions, too: a file that was written where
      // the daemon could not read it yet is read once it can.
      Map<String, Object> found =
          Files.readAttributes(file, "unix:lastModifiedTime,ctime,size,ino,dev");
      return new TreeMap<>(found).toString();
    } catch (IOException e) {
      return e.getClass().getSimpleName();
    }
  }

  /** Ends the watching. */
  @Override
  public void close() {
    looks.close();
  }
}
