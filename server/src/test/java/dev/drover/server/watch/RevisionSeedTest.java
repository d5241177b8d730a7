package dev.drover.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.store.MemoryStore;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RevisionSeedTest {

  private final MemoryStore store = new MemoryStore();

  @Test
  void seedsGrowAlsoWhereTheClockIsSetBack() {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    long first = RevisionSeed.next(store, "test", now);
    long second = RevisionSeed.next(store, "test", now.minusSeconds(86_400));
    long third = RevisionSeed.next(store, "test", now.plusSeconds(86_400));
    assertThat(first).isPositive();
    assertThat(second).isGreaterThan(first + (1L << 30));
    assertThat(third).isGreaterThan(second);
  }
}
