package dev.drover.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * What the policy of a daemon has to say so that cases see every kind of answer about permissions:
 * bindings of principals whom nobody has. A daemon of the suite's own has this policy; one that
 * runs already may have these bindings among its own, and without them the case is out of reach.
 */
public final class ConformancePolicy {

  /** May switch every domain on and off. */
  public static final String EVERYWHERE = "x509:uri:urn:drover:conformance:everywhere";

  /** May do so with domains of a case that are called {@link #BOUND}. */
  public static final String SOMEWHERE = "x509:uri:urn:drover:conformance:somewhere";

  /** What the role of both is called. */
  public static final String ROLE = "conformance-power";

  /** Label of the domains that the limited binding is about. */
  public static final String BOUND = "bound";

  private ConformancePolicy() {}

  /** The policy file's text; the binding for every domain comes first. */
  public static String text() {
    return """
    [roles.%1$s]
    permissions = ["domain.read", "domain.power"]

    [[binding]]
    principals = ["%2$s"]
    role = "%1$s"

    [[binding]]
    principals = ["%3$s"]
    role = "%1$s"
    domains = ["conf-*-%4$s"]
    """
        .formatted(ROLE, EVERYWHERE, SOMEWHERE, BOUND);
  }

  /** Writes it into a directory. */
  public static Path in(Path directory) {
    Path file = directory.resolve("policy.toml");
    try {
      Files.writeString(file, text());
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
