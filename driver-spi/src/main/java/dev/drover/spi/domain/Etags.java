package dev.drover.spi.domain;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.drover.v1.DomainSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Makes the etag of a stored object from what it covers: equal contents have equal etags. */
public final class Etags {

  private static final int LENGTH_BYTES = 8;

  private Etags() {}

  /** The etag of a record, all of which it covers. */
  public static String of(Message stored) {
    return of(stored::writeTo);
  }

  /** The etag of a definition. */
  static String of(DomainSpec spec, boolean autostart) {
    return of(
        output -> {
          spec.writeTo(output);
          output.writeBoolNoTag(autostart);
        });
  }

  /** What an etag covers. */
  @FunctionalInterface
  private interface Content {
    void writeTo(CodedOutputStream output) throws IOException;
  }

  private static String of(Content content) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      CodedOutputStream output = CodedOutputStream.newInstance(bytes);
      output.useDeterministicSerialization();
      content.writeTo(output);
      output.flush();
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
      return HexFormat.of().formatHex(digest, 0, LENGTH_BYTES);
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("writing to memory and SHA-256 cannot fail", e);
    }
  }
}
