package dev.drover.client;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where a user's certificates lie when nothing else is said: {@code drover/pki} in the
 * configuration directory of the XDG base directory specification.
 */
public final class PkiDirectory {

  /** Certificate of the authority that signed the daemons' certificates. */
  public static final String AUTHORITY = "ca.pem";

  /** Certificate of the client. */
  public static final String CERTIFICATE = "client.pem";

  /** Key of the client. */
  public static final String KEY = "client.key";

  private PkiDirectory() {}

  /**
   * Finds the directory.
   *
   * @param environment environment variables: XDG_CONFIG_HOME, where absolute, and HOME are read
   * @param home the user's home directory where HOME does not name it
   */
  public static Path of(Map<String, String> environment, Path home) {
    return absolute(environment, "XDG_CONFIG_HOME")
        .orElseGet(() -> absolute(environment, "HOME").orElse(home).resolve(".config"))
        .resolve("drover/pki");
  }

  private static Optional<Path> absolute(Map<String, String> environment, String variable) {
    return Optional.ofNullable(environment.get(variable)).map(Path::of).filter(Path::isAbsolute);
  }
}
