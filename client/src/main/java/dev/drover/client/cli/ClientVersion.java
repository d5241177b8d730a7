package dev.drover.client.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/** The version of this client, as the build wrote it into a resource. */
final class ClientVersion implements IVersionProvider {
  private static final String RESOURCE = "version.properties";

  @Override
  public String[] getVersion() {
    return new String[] {"drover " + text()};
  }

  static String text() {
    Properties properties = new Properties();
    try (@Nullable InputStream in = ClientVersion.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is missing from the client's jar");
      }
      properties.load(in);
    } catch (IOException e) {
      throw new IllegalStateException(RESOURCE + " cannot be read", e);
    }
    return properties.getProperty("version", "");
  }
}
