package dev.drover.fuzz;

import dev.drover.qemu.QemuDriverProvider;
import dev.drover.server.access.PolicyException;
import dev.drover.server.access.PolicyReader;
import dev.drover.server.config.ConfigException;
import dev.drover.server.config.ConfigReader;
import dev.drover.spi.DriverProvider;
import dev.drover.test.TestDriverProvider;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The daemon's own files with somebody's mistakes in them: its configuration and its policy. */
public final class HostileFile {

  private static final List<DriverProvider> DRIVERS =
      List.of(new QemuDriverProvider(), new TestDriverProvider());

  private HostileFile() {}

  /** One file, read as either. */
  public static void fuzzerTestOneInput(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try {
      ConfigReader.parse(text, DRIVERS);
    } catch (ConfigException e) {
      requireReason(e);
    }
    try {
      PolicyReader.parse(text);
    } catch (PolicyException e) {
      requireReason(e);
    }
  }

  private static void requireReason(Exception refusal) {
    String message = refusal.getMessage();
    if (message == null || message.isBlank()) {
      throw new AssertionError("nobody is told why", refusal);
    }
  }
}
