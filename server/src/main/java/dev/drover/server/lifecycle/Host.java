package dev.drover.server.lifecycle;

import dev.drover.server.service.DaemonIdentity;
import dev.drover.server.state.StateException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** What the daemon knows of itself and its host without asking anybody. */
public final class Host {

  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

  private Host() {}

  /** Version and host name. */
  public static DaemonIdentity identity() {
    return new DaemonIdentity(version(), hostName());
  }

  /** Version of the daemon, as it was built. */
  public static String version() {
    try (InputStream resource = Host.class.getResourceAsStream("build.properties")) {
      if (resource == null) {
        throw new IllegalStateException("the daemon was built without its build.properties");
      }
      Properties properties = new Properties();
      properties.load(resource);
      return properties.getProperty("version", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asked of the kernel: a look-up by name could take seconds. */
  private static String hostName() {
    try {
      return Files.readString(HOST_NAME).strip();
    } catch (IOException e) {
      throw new StateException("the name of the host cannot be read from " + HOST_NAME, e);
    }
  }

  /** Numeric id of the user that this process runs as. */
  public static long userId() {
    try {
      return ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
    } catch (IOException e) {
      throw new StateException("the user of this process cannot be read from /proc/self", e);
    }
  }
}
