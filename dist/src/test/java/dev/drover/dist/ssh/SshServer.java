package dev.drover.dist.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A real sshd on a port of this host's loopback, which lets the user of the tests in with a key of
 * its own. It ends with the test.
 */
final class SshServer implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MOST_ATTEMPTS = 5;

  private final Path directory;
  private final Path log;
  private final Process process;
  private final int port;

  SshServer(Path directory) {
    this.directory = directory;
    this.log = directory.resolve("sshd.log");
    try {
      // Where Debian's sshd, run as root, wants an empty directory of root's.
      if (Files.getAttribute(directory, "unix:uid").equals(0)) {
        Files.createDirectories(Path.of("/run/sshd"));
      }
      Files.copy(key("client").resolveSibling("client.pub"), directory.resolve("authorized_keys"));
      key("host");
      Started started = start();
      process = started.process();
      port = started.port();
      Files.writeString(
          knownHosts(),
          "[127.0.0.1]:%d %s".formatted(port, Files.readString(directory.resolve("host.pub"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Started(Process process, int port) {}

  /** The port is free when it is chosen; where somebody is faster another one is taken. */
  private Started start() throws IOException {
    for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      int free = freePort();
      Path config =
          Files.writeString(
              directory.resolve("sshd_config"),
              """
              Port %d
              ListenAddress 127.0.0.1
              HostKey %s
              AuthorizedKeysFile %s
              PasswordAuthentication no
              KbdInteractiveAuthentication no
              UsePAM no
              StrictModes no
              PidFile none
              SetEnv DROVER_JAVA_HOME=%s
              """
                  .formatted(
                      free,
                      directory.resolve("host"),
                      directory.resolve("authorized_keys"),
                      System.getProperty("java.home")));
      Files.deleteIfExists(log);
      Process started =
          new ProcessBuilder(program().toString(), "-D", "-e", "-f", config.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      Awaitility.await("sshd listens or ends")
          .atMost(PATIENCE)
          .until(() -> !started.isAlive() || said("Server listening on"));
      if (started.isAlive()) {
        return new Started(started, free);
      }
      assertThat(Files.readString(log)).contains("Address already in use");
    }
    throw new AssertionError("No port was free long enough");
  }

  private boolean said(String words) throws IOException {
    return Files.readString(log).contains(words);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Path program() {
    return Stream.concat(
            Stream.of("/usr/sbin/sshd", "/usr/local/sbin/sshd").map(Path::of),
            Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder).resolve("sshd")))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new AssertionError("This test needs sshd: install openssh-server"));
  }

  /** Makes a key pair. */
  Path key(String name) {
    Path file = directory.resolve(name);
    try {
      Process made =
          new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString())
              .inheritIO()
              .start();
      assertThat(made.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(made.exitValue()).isZero();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  int port() {
    return port;
  }

  /** The key that is let in. */
  Path clientKey() {
    return directory.resolve("client");
  }

  /** A file that knows this server. */
  Path knownHosts() {
    return directory.resolve("known_hosts");
  }

  List<String> log() {
    try {
      return Files.readAllLines(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
