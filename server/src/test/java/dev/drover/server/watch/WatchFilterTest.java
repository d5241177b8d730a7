package dev.drover.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.server.access.Glob;
import dev.drover.spi.event.DriverEvent;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;
import dev.drover.v1.WatchType;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WatchFilterTest { // R6

  private static final Map<String, String> GOLD = Map.of("tier", "gold");

  /** What the domain "web" is like now, as jobs and snapshots find it. */
  private Map<String, String> now = Map.of("tier", "gold", "team", "a");

  private WatchFilter filter(String glob, Map<String, String> labels, WatchType... types) {
    return new WatchFilter(
        Set.of(types),
        new DomainChoice(
            Optional.empty(),
            Glob.filter(glob),
            labels,
            (name, _) -> name.equals("web") ? now : Map.of()),
        Viewers.ALL);
  }

  private static Domain domain(String name, Map<String, String> labels) {
    return Domain.newBuilder()
        .setSpec(DomainSpec.newBuilder().setName(name).putAllLabels(labels))
        .build();
  }

  private static DriverEvent change(Map<String, String> before, Map<String, String> after) {
    return new DriverEvent.DomainEvent(
        Instant.EPOCH, EventKind.EVENT_KIND_DOMAIN_DEFINED, domain("web", after), before);
  }

  @Test
  void aGlobChoosesDomainsAndWhatBelongsToThem() {
    WatchFilter webs = filter("w*", Map.of());

    assertThat(webs.shows(domain("web", Map.of()))).isTrue();
    assertThat(webs.shows(domain("db", Map.of()))).isFalse();
    assertThat(webs.shows(Job.newBuilder().setDomainName("web").build())).isTrue();
    assertThat(webs.shows(Job.newBuilder().setDomainName("db").build())).isFalse();
    assertThat(webs.shows(Snapshot.newBuilder().setDomainName("web").build())).isTrue();
    assertThat(webs.shows(Snapshot.newBuilder().setDomainName("db").build())).isFalse();
  }

  @Test
  void everyLabelMustBeThereWithItsValue() {
    assertThat(filter("", GOLD).shows(domain("web", Map.of("tier", "gold", "x", "")))).isTrue();
    assertThat(filter("", GOLD).shows(domain("web", Map.of("tier", "tin")))).isFalse();
    assertThat(filter("", Map.of("tier", "gold", "team", "a")).shows(domain("web", GOLD)))
        .isFalse();
  }

  @Test
  void theChangeThatTakesALabelAwayIsShownAndTheNextOneIsNot() {
    WatchFilter gold = filter("", GOLD);

    assertThat(gold.shows(change(GOLD, Map.of()))).isTrue();
    assertThat(gold.shows(change(Map.of(), Map.of()))).isFalse();
    assertThat(gold.shows(change(Map.of(), GOLD))).isTrue();
    assertThat(filter("", GOLD, WatchType.WATCH_TYPE_JOB).shows(change(GOLD, GOLD))).isFalse();
  }

  @Test
  void jobsAndSnapshotsGoByTheLabelsThatTheirDomainHasNow() {
    WatchFilter gold = filter("", GOLD);
    Job job = Job.newBuilder().setDomainName("web").build();
    Snapshot snapshot = Snapshot.newBuilder().setDomainName("web").build();

    assertThat(gold.shows(job)).isTrue();
    assertThat(gold.shows(snapshot)).isTrue();
    now = Map.of();
    assertThat(gold.shows(job)).isFalse();
    assertThat(gold.shows(snapshot)).isFalse();
  }
}
