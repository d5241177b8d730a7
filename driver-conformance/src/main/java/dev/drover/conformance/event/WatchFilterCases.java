package dev.drover.conformance.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.conformance.bench.WatchTap;
import dev.drover.v1.Capability;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Event;
import dev.drover.v1.EventKind;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import java.util.List;

/** Streams that are limited to domains of some names or labels (R6). */
public final class WatchFilterCases {

  private final Bench bench;

  /** Works on a bench. */
  public WatchFilterCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a stream limited by labels tells when a domain leaves and comes back, nothing in between")
  @Requirement({"R6"})
  public void byLabels() {
    DomainSpec gold =
        bench.spec(bench.name("vm")).toBuilder()
            .setTitle("gold")
            .putLabels("tier", bench.prefix())
            .build();
    TestDomain domain = bench.define(gold);
    DomainSpec plain = domain.get().getSpec().toBuilder().clearLabels().build();
    var _ = bench.define();
    WatchTap tap =
        WatchTap.live(bench, WatchRequest.newBuilder().putLabels("tier", bench.prefix()).build());

    define(plain.toBuilder().setTitle("no more").build());
    define(plain.toBuilder().setTitle("still not").build());
    define(plain.toBuilder().setTitle("again").putLabels("tier", bench.prefix()).build());
    domain.undefine();
    var _ = tap.event(EventKind.EVENT_KIND_DOMAIN_REMOVED);

    assertThat(existing(tap)).containsExactly(domain.name());
    assertThat(tap.events())
        .extracting(Event::getKind, event -> event.getObject().getDomain().getSpec().getTitle())
        .containsExactly(
            tuple(EventKind.EVENT_KIND_DOMAIN_DEFINED, "no more"),
            tuple(EventKind.EVENT_KIND_DOMAIN_DEFINED, "again"),
            tuple(EventKind.EVENT_KIND_DOMAIN_UNDEFINED, "again"),
            tuple(EventKind.EVENT_KIND_DOMAIN_REMOVED, "again"));
  }

  @Case("a stream limited by names or labels tells of those domains' snapshots, and of no others")
  @Requirement({"R6"})
  @Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK})
  @InStates(PowerState.PAUSED)
  public void whatBelongsToThem() {
    TestDomain one = labelled("one");
    TestDomain two = labelled("two");
    WatchTap byName =
        WatchTap.live(bench, WatchRequest.newBuilder().setNameGlob(bench.prefix() + "-o*").build());
    WatchTap byLabel =
        WatchTap.live(bench, WatchRequest.newBuilder().putLabels("case", one.name()).build());

    snapshot(two);
    snapshot(one);

    for (WatchTap tap : List.of(byName, byLabel)) {
      var made = tap.event(EventKind.EVENT_KIND_SNAPSHOT_CREATED);
      assertThat(made.getEvent().getObject().getSnapshot().getDomainName()).isEqualTo(one.name());
      assertThat(existing(tap)).containsExactly(one.name());
      assertThat(tap.events())
          .filteredOn(event -> event.getObject().hasDomain())
          .allMatch(event -> event.getObject().getDomain().getSpec().getName().equals(one.name()));
    }
  }

  /** A domain that runs, with a disk, and its own name as a label. */
  private TestDomain labelled(String label) {
    String name = bench.name(label);
    return bench
        .define(
            bench.spec(name, bench.chain("vda", label).disk()).toBuilder()
                .putLabels("case", name)
                .build())
        .start();
  }

  private void define(DomainSpec spec) {
    var _ =
        bench
            .calls()
            .domains()
            .defineDomain(DefineDomainRequest.newBuilder().setSpec(spec).build());
  }

  private void snapshot(TestDomain domain) {
    var _ = bench.snapshots().create(SnapshotRequests.create(domain, "one"));
  }

  /** Names of the domains in the state that a stream began with. */
  private static List<String> existing(WatchTap tap) {
    return tap.received().stream()
        .filter(WatchResponse::hasExisting)
        .filter(message -> message.getExisting().hasDomain())
        .map(message -> message.getExisting().getDomain().getSpec().getName())
        .toList();
  }
}
