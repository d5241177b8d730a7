package dev.drover.spi.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.DriverLimits;
import dev.drover.v1.QueuePlace;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlacesTest {

  @Test
  void aFullStoreHoldsItsOwnJobsBackAndNoOthers() {
    // R29
    Places.Given given =
        Places.give(
            new DriverLimits(0, 0, 1, 0),
            List.of(claim("r", "s1")),
            List.of(claim("a", "s1"), claim("b", "s2"), claim("c", "s2")));
    assertThat(ids(given)).containsExactly("b");
    assertThat(given.held())
        .containsExactly(
            Map.entry("a", place("jobs_per_store", 1, 1, "s1")),
            Map.entry("c", place("jobs_per_store", 1, 2, "s2")));
  }

  @Test
  void whoNeedsTwoStoresIsNotPassedByForEver() {
    Places.Given given =
        Places.give(
            new DriverLimits(0, 0, 1, 0),
            List.of(claim("r", "s1")),
            List.of(claim("both", "s1", "s2"), claim("later", "s2")));
    assertThat(given.granted()).isEmpty();
    assertThat(given.held().keySet()).containsExactly("both", "later");
  }

  @Test
  void theHostsPlacesAreGivenUntilTheyAreTaken() {
    Places.Given given =
        Places.give(
            new DriverLimits(0, 3, 0, 0),
            List.of(claim("r")),
            List.of(claim("a"), claim("b"), claim("c")));
    assertThat(ids(given)).containsExactly("a", "b");
    assertThat(given.held()).containsExactly(Map.entry("c", place("jobs", 3, 1, "")));
  }

  @Test
  void withoutLimitsEverybodyBegins() {
    Places.Given given =
        Places.give(
            DriverLimits.NONE, List.of(claim("r", "s")), List.of(claim("a", "s"), claim("b", "s")));
    assertThat(ids(given)).containsExactly("a", "b");
    assertThat(given.held()).isEmpty();
  }

  private static Claim claim(String job, String... stores) {
    return new Claim(job, "owner", "domain", Set.of(stores));
  }

  private static QueuePlace place(String limit, int maximum, int position, String store) {
    return QueuePlace.newBuilder()
        .setLimit(limit)
        .setMaximum(maximum)
        .setPosition(position)
        .setStore(store)
        .build();
  }

  private static List<String> ids(Places.Given given) {
    return given.granted().stream().map(Claim::jobId).toList();
  }
}
