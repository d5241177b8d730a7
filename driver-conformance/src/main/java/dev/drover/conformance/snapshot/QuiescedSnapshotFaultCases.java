package dev.drover.conformance.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import dev.drover.conformance.Case;
import dev.drover.conformance.Fill;
import dev.drover.conformance.Needs;
import dev.drover.conformance.OfSnapshot;
import dev.drover.conformance.OfSnapshot.Kind;
import dev.drover.conformance.OfSnapshot.Operation;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.Faults;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GuestAgent;
import dev.drover.v1.Image;
import dev.drover.v1.Quiesce;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import java.time.Duration;
import java.util.List;

/** Snapshots with the file systems of a modelled guest frozen, and its agent's failures (R22). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
  Capability.CAPABILITY_GUEST_AGENT,
  Capability.CAPABILITY_TEST_CONTROL
})
@InStates(PowerState.RUNNING)
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.CREATE)
public final class QuiescedSnapshotFaultCases {

  private static final String FREEZE = "agent.freeze";
  private static final Quiesce QUIESCE = Quiesce.getDefaultInstance();
  private static final List<Fill> WRITE = List.of(new Fill(Fill.BLOCK, 4 * Fill.BLOCK, 0xe1));

  private final Bench bench;
  private final Faults faults;

  /** Works on a bench. */
  public QuiescedSnapshotFaultCases(Bench bench) {
    this.bench = bench;
    this.faults = new Faults(bench);
  }

  @Case("a quiesced snapshot records what it has reached, and the guest writes on afterwards")
  @Requirement({"R22"})
  public void quiesced(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = withAgent(state, chain);

    assertThat(
            bench
                .snapshots()
                .create(request(domain).setQuiesce(QUIESCE).setValidateOnly(true))
                .getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_FILESYSTEM);
    Snapshot snapshot = bench.snapshots().create(request(domain).setQuiesce(QUIESCE));
    domain.write("vda", WRITE);

    assertThat(snapshot.getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_FILESYSTEM);
    assertThat(bench.snapshots().list(domain)).containsExactly(snapshot);
    bench
        .check(domain)
        .live(
            "vda",
            List.of(snapshot.getDisks(0).getOverlay(), chain.layer("active"), chain.layer("base")),
            chain.contents().with(WRITE));
  }

  @Case("a snapshot that was not asked to be quiesced does not say that it was")
  @Requirement({"R22"})
  public void notQuiesced(PowerState state) {
    TestDomain domain = withAgent(state, bench.chain("vda", "active"));
    assertThat(bench.snapshots().create(request(domain)).getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_CRASH);
  }

  @Case("an agent that refuses leaves nothing, and a second try succeeds")
  @Requirement({"R22", "G1", "G11"})
  public void agentRefuses(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = withAgent(state, chain);
    faults.arm(FREEZE, FaultKind.FAULT_KIND_ERROR);

    assertFailed(domain, chain, QUIESCE);

    assertThat(bench.snapshots().create(request(domain).setQuiesce(QUIESCE)).getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_FILESYSTEM);
  }

  @Case("a silent agent is given up after the timeout, and leaves nothing")
  @Requirement({"R22", "G1", "G11"})
  public void agentIsSilent(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = withAgent(state, chain);
    faults.arm(FREEZE, FaultKind.FAULT_KIND_HANG);

    assertFailed(domain, chain, Quiesce.newBuilder().setTimeout(Durations.fromSeconds(1)).build());
  }

  @Case("an agent that is slow but in time does, and one that is too late does not")
  @Requirement({"R22"})
  public void agentIsSlow(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = withAgent(state, chain);
    Quiesce second = Quiesce.newBuilder().setTimeout(Durations.fromSeconds(1)).build();
    faults.delay(FREEZE, Duration.ofSeconds(2));
    assertFailed(domain, chain, second);

    faults.delay(FREEZE, Duration.ofMillis(100));
    assertThat(bench.snapshots().create(request(domain).setQuiesce(second)).getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_FILESYSTEM);
  }

  private void assertFailed(TestDomain domain, DiskChain chain, Quiesce quiesce) {
    Image overlay =
        bench
            .snapshots()
            .create(request(domain).setQuiesce(quiesce).setValidateOnly(true))
            .getDisks(0)
            .getOverlay();
    Refusal.of(() -> bench.snapshots().create(request(domain).setQuiesce(quiesce)))
        .is(ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED)
        .tells("domain", domain.name());

    assertThat(bench.snapshots().list(domain)).isEmpty();
    assertThat(bench.world().look(overlay).exists()).isFalse();
    domain.write("vda", WRITE);
    bench.check(domain).live("vda", chain.images("active", "base"), chain.contents().with(WRITE));
  }

  private TestDomain withAgent(PowerState state, DiskChain... chains) {
    TestDomain plain = bench.define(chains);
    var _ =
        bench
            .calls()
            .domains()
            .defineDomain(
                DefineDomainRequest.newBuilder()
                    .setSpec(
                        plain.get().getSpec().toBuilder()
                            .setGuestAgent(GuestAgent.getDefaultInstance()))
                    .build());
    return plain.start(state);
  }

  private static CreateSnapshotRequest.Builder request(TestDomain domain) {
    return SnapshotRequests.create(domain, "quiet");
  }
}
