package dev.drover.qemu.probe;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** Schemas captured from the oldest and the newest supported QEMU. */
public enum CapturedSchemas {
  /** QEMU 7.2.22 of Debian 12. */
  QEMU_7_2("qmp-schema-7.2.json.gz"),
  /** QEMU 10.0.2 of Debian 13. */
  QEMU_10_0("qmp-schema-10.0.json.gz");

  private final String resource;

  CapturedSchemas(String resource) {
    this.resource = resource;
  }

  /** Reads the schema. */
  public QmpSchema schema() {
    try (InputStream packed =
            Objects.requireNonNull(CapturedSchemas.class.getResourceAsStream(resource), resource);
        InputStream json = new GZIPInputStream(packed)) {
      return QmpSchema.of(new ObjectMapper().readTree(json));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
