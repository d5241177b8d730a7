package dev.drover.conformance.block.copy;

import dev.drover.v1.BlockRebaseRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * One combination of the four flags of BlockRebase, on one kind of source (section 1E).
 *
 * @param copy copy instead of pull
 * @param shallow only the active image
 * @param reuse the destination exists
 * @param raw the destination is raw
 * @param source what the disk consists of
 */
public record RebaseFlags(
    boolean copy, boolean shallow, boolean reuse, boolean raw, Source source) {

  /** What the disk consists of. */
  public enum Source {
    /** {@code base <- snap1 <- snap2}, all qcow2. */
    QCOW2_CHAIN,
    /** One raw file. */
    RAW_FILE
  }

  /** What must come of a combination. */
  public enum Outcome {
    /** The image is pulled (E1). */
    PULL,
    /** Flags of a copy without copy (E2). */
    REFUSED_WITHOUT_COPY,
    /** A raw copy of the active image alone would be corrupt (E9). */
    REFUSED_SHALLOW_RAW,
    /** The disk is copied. */
    COPY
  }

  /** The sixteen combinations on both sources. */
  public static List<RebaseFlags> all() {
    List<RebaseFlags> all = new ArrayList<>();
    List<Boolean> both = List.of(false, true);
    for (Source source : Source.values()) {
      for (boolean copy : both) {
        for (boolean shallow : both) {
          for (boolean reuse : both) {
            for (boolean raw : both) {
              all.add(new RebaseFlags(copy, shallow, reuse, raw, source));
            }
          }
        }
      }
    }
    return all;
  }

  /** What must come of it. */
  Outcome outcome() {
    if (!copy) {
      return shallow || reuse || raw ? Outcome.REFUSED_WITHOUT_COPY : Outcome.PULL;
    }
    boolean chain = source == Source.QCOW2_CHAIN;
    return shallow && raw && !reuse && chain ? Outcome.REFUSED_SHALLOW_RAW : Outcome.COPY;
  }

  /** Whether the destination is raw: the flag says so, or the source is (E3, E12). */
  boolean rawDestination() {
    return raw || source == Source.RAW_FILE;
  }

  /** Whether the destination has the image below the active one as its backing image. */
  boolean keepsBacking() {
    return shallow && !rawDestination();
  }

  /** Sets the flags. */
  BlockRebaseRequest.Builder on(BlockRebaseRequest.Builder request) {
    return request.setCopy(copy).setShallow(shallow).setReuseExternal(reuse).setCopyRaw(raw);
  }

  @Override
  public String toString() {
    List<String> set = new ArrayList<>();
    if (copy) {
      set.add("COPY");
    }
    if (shallow) {
      set.add("SHALLOW");
    }
    if (reuse) {
      set.add("REUSE_EXT");
    }
    if (raw) {
      set.add("RAW");
    }
    return (set.isEmpty() ? "no flag" : String.join("+", set)) + " of " + source;
  }
}
