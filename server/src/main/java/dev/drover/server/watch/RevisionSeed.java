package dev.drover.server.watch;

import com.google.protobuf.ByteString;
import dev.drover.spi.store.Store;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * First revision of a connection in this run of the daemon, larger than all of earlier runs even
 * where the host's clock was set back meanwhile (R6).
 */
public final class RevisionSeed {

  private static final String COLLECTION = "revision";
  private static final int BITS_BELOW_A_MILLISECOND = 20;

  /** More events than one run of a daemon can publish. */
  private static final long RUN = 1L << 40;

  private RevisionSeed() {}

  /** Makes the seed and records it. */
  public static long next(Store store, String scheme, Instant now) {
    long byClock = now.toEpochMilli() << BITS_BELOW_A_MILLISECOND;
    long byRecord =
        store
            .read(COLLECTION, scheme)
            .map(content -> Long.parseLong(content.toStringUtf8()) + RUN)
            .orElse(0L);
    long seed = Math.max(byClock, byRecord);
    store.transact(
        changes ->
            changes.put(
                COLLECTION,
                scheme,
                ByteString.copyFrom(Long.toString(seed), StandardCharsets.UTF_8)));
    return seed;
  }
}
