package dev.drover.conformance.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.OfSnapshot;
import dev.drover.conformance.OfSnapshot.Kind;
import dev.drover.conformance.OfSnapshot.Operation;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GuestAgent;
import dev.drover.v1.ListSnapshotsRequest;
import dev.drover.v1.Quiesce;
import java.util.List;

/** Snapshots with the guest's file systems frozen, where nothing can be frozen (R22). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
      Capability.CAPABILITY_GUEST_AGENT
    },
    off = Capability.CAPABILITY_SNAPSHOT_OFFLINE)
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.CREATE)
public final class QuiescedSnapshotCases {

  private final Bench bench;

  /** Works on a bench. */
  public QuiescedSnapshotCases(Bench bench) {
    this.bench = bench;
  }

  @Case("quiesce is refused where the domain has no agent, and nothing is left")
  @Requirement({"R22", "G11"})
  @InStates
  public void withoutAgent(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    assertRefused(bench.define(chain).start(state), chain);
  }

  @Case("quiesce is refused where the guest that has an agent does not run")
  @Requirement({"R22", "G11"})
  @InStates({PowerState.PAUSED, PowerState.OFF})
  public void agentDoesNotRun(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain);
    var _ =
        bench
            .calls()
            .domains()
            .defineDomain(
                DefineDomainRequest.newBuilder()
                    .setSpec(
                        domain.get().getSpec().toBuilder()
                            .setGuestAgent(GuestAgent.getDefaultInstance()))
                    .build());
    assertRefused(domain.start(state), chain);
  }

  @Case("the time of a quiesce has bounds")
  @Requirement({"R22"})
  @InStates(PowerState.PAUSED)
  public void bounds(PowerState state) {
    TestDomain domain = bench.define(bench.chain("vda", "active")).start(state);
    for (long millis : List.of(0L, 999L, 60_001L)) {
      Refusal.of(
              () ->
                  create(
                      request(domain)
                          .setQuiesce(
                              Quiesce.newBuilder().setTimeout(Durations.fromMillis(millis)))))
          .is(ErrorReason.ERROR_REASON_OUT_OF_RANGE)
          .tells("field", "quiesce.timeout");
    }
  }

  private void assertRefused(TestDomain domain, DiskChain chain) {
    CreateSnapshotRequest.Builder request =
        request(domain).setQuiesce(Quiesce.getDefaultInstance());
    Refusal.of(() -> create(request))
        .is(ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE)
        .tells("domain", domain.name());
    Refusal.of(() -> create(request.setValidateOnly(true)))
        .is(ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE);

    assertThat(
            bench
                .calls()
                .snapshots()
                .listSnapshots(ListSnapshotsRequest.newBuilder().setDomain(domain.ref()).build())
                .getSnapshotsList())
        .isEmpty();
    bench.check(domain).everywhere("vda", chain.images("active", "base"), chain.contents());
  }

  private void create(CreateSnapshotRequest.Builder request) {
    var _ = bench.snapshots().create(request);
  }

  private static CreateSnapshotRequest.Builder request(TestDomain domain) {
    return SnapshotRequests.create(domain, "quiet");
  }
}
