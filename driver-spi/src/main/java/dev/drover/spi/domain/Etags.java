package dev.drover.spi.domain;

import com.google.protobuf.CodedOutputStream;
import dev.drover.v1.DomainSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Makes the etag of a stored domain from what it covers. */
final class Etags {

  private static final int LENGTH_BYTES = 8;

  private Etags() {}

  /** The etag of a definition; equal definitions have equal etags. */
  static String of(DomainSpec spec, boolean autostart) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      CodedOutputStream output = CodedOutputStream.newInstance(bytes);
      output.useDeterministicSerialization();
      spec.writeTo(output);
      output.writeBoolNoTag(autostart);
      output.flush();
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
      return HexFormat.of().formatHex(digest, 0, LENGTH_BYTES);
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("writing to memory and SHA-256 cannot fail", e);
    }
  }
}
