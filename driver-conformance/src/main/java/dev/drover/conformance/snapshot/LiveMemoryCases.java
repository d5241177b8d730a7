package dev.drover.conformance.snapshot;

import static dev.drover.conformance.bench.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import dev.drover.conformance.Case;
import dev.drover.conformance.DiskContents;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Fill;
import dev.drover.conformance.Needs;
import dev.drover.conformance.OfSnapshot;
import dev.drover.conformance.OfSnapshot.Kind;
import dev.drover.conformance.OfSnapshot.Operation;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Calls;
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
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.JobState;
import dev.drover.v1.LiveMemory;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Snapshots of disks and memory of a guest that runs on while its memory is written (R9). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
  Capability.CAPABILITY_SNAPSHOT_MEMORY,
  Capability.CAPABILITY_SNAPSHOT_MEMORY_LIVE,
  Capability.CAPABILITY_SNAPSHOT_REVERT
})
@InStates(PowerState.RUNNING)
@OfSnapshot(kind = Kind.EXTERNAL_MEMORY, operation = Operation.CREATE)
public final class LiveMemoryCases {

  private static final String MEMORY_STEP = "snapshot.memory";
  private static final List<Fill> BEFORE = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0xc1));
  private static final List<Fill> MEANWHILE =
      List.of(new Fill(3 * Fill.BLOCK, 2 * Fill.BLOCK, 0xc2));
  private static final List<Fill> AFTER = List.of(new Fill(4 * Fill.BLOCK, 2 * Fill.BLOCK, 0xc3));

  private final Bench bench;

  /** Works on a bench. */
  public LiveMemoryCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a guest that runs on is shown as running, all disks move, and the way back is as ever")
  @Requirement({"R9", "G1", "G8", "G10", "R8"})
  @OfSnapshot(
      kind = Kind.EXTERNAL_MEMORY,
      operation = {Operation.CREATE, Operation.REVERT})
  public void createAndRevert(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);

    CreateSnapshotResponse made = bench.snapshots().withCopies(request(domain, "one"));

    Snapshot snapshot = made.getSnapshot();
    assertThat(made.hasGuestPause()).as("the pause is told").isTrue();
    assertThat(Durations.isNegative(made.getGuestPause())).isFalse();
    assertThat(snapshot.getDomainState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(state(domain)).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(snapshot.getMemory().getSizeBytes()).isPositive();
    assertThat(bench.snapshots().list(domain)).containsExactly(snapshot);
    domain.write("vda", AFTER);
    bench
        .check(domain)
        .live(
            "vda",
            List.of(snapshot.getDisks(0).getOverlay(), first.layer("active"), first.layer("base")),
            first.contents().with(AFTER));
    bench
        .check(domain)
        .live(
            "vdb", List.of(snapshot.getDisks(1).getOverlay(), second.active()), second.contents());
    bench.check(domain).shows(first.active(), first.contents());

    assertThat(reverted(domain)).isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    assertThat(state(domain)).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    bench
        .check(domain)
        .live(
            "vda",
            List.of(domain.stored("vda"), first.layer("active"), first.layer("base")),
            first.contents());
  }

  @Case("the guest writes while its memory is written, and the moment is the end of it")
  @Requirement({"R9", "R17"})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_MEMORY,
    Capability.CAPABILITY_SNAPSHOT_MEMORY_LIVE,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_TEST_CONTROL
  })
  public void runsOn(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    domain.write("vda", BEFORE);
    Faults faults = new Faults(bench);
    faults.arm(MEMORY_STEP, FaultKind.FAULT_KIND_HANG);
    Calls patient = bench.calls().within(Calls.PATIENCE);
    CompletableFuture<CreateSnapshotResponse> create =
        CompletableFuture.supplyAsync(
            () -> patient.snapshots().createSnapshot(request(domain, "one").build()),
            Thread::startVirtualThread);
    await("the memory is being written").atMost(Calls.PATIENCE).until(() -> writesMemory(create));

    CompletableFuture<Void> write =
        CompletableFuture.runAsync(
            () -> domain.write("vda", MEANWHILE), Thread::startVirtualThread);
    assertThat(write).as("the guest's write meanwhile").succeedsWithin(Calls.PATIENCE);
    assertThat(create).as("the snapshot").isNotDone();
    faults.clear();
    assertThat(create).succeedsWithin(Calls.PATIENCE);

    bench.check(domain).shows(chain.active(), chain.contents().with(BEFORE).with(MEANWHILE));
    DiskContents taken = memory("one");
    domain.write("vda", AFTER);
    assertThat(reverted(domain)).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    bench
        .check(domain)
        .live(
            "vda",
            List.of(domain.stored("vda"), chain.active()),
            chain.contents().with(BEFORE).with(MEANWHILE));
    var _ = bench.snapshots().create(request(domain, "two"));
    assertThat(memory("two")).as("memory of the moment").isEqualTo(taken);
  }

  @Case("a guest that does not run cannot run on, and nothing is left")
  @Requirement({"R9", "R15"})
  @InStates({PowerState.OFF, PowerState.PAUSED})
  public void doesNotRun(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);

    Refusal.of(() -> bench.snapshots().create(request(domain, "one")))
        .is(
            state == PowerState.OFF
                ? ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING
                : ErrorReason.ERROR_REASON_DOMAIN_STATE_INVALID)
        .tells("domain", domain.name());

    requireNothing(domain, chain);
  }

  @Case("what is not for memory in a file, or lasts too short or too long, is refused by name")
  @Requirement({"R9", "A8"})
  public void refused(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);

    Refusal.of(() -> bench.snapshots().create(request(domain, "one").clearMemory()))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "live_memory");
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(
                        request(domain, "one")
                            .setMemory(SnapshotMemory.getDefaultInstance())
                            .setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL)))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "live_memory");
    for (long seconds : List.of(0L, 3_601L)) {
      Refusal.of(
              () ->
                  bench
                      .snapshots()
                      .create(
                          request(domain, "one")
                              .setLiveMemory(
                                  LiveMemory.newBuilder()
                                      .setHoldAfter(Durations.fromSeconds(seconds)))))
          .is(ErrorReason.ERROR_REASON_OUT_OF_RANGE)
          .tells("field", "live_memory.hold_after");
    }

    requireNothing(domain, chain);
  }

  /** Every way in which it can fail. */
  public static List<MemoryCases.Strike> strikes() {
    return MemoryCases.strikes();
  }

  @Case("memory or disks that fail leave no file, and the guest goes on")
  @Requirement({"R9", "G1", "G11", "R17"})
  @EachOf("strikes")
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_MEMORY,
    Capability.CAPABILITY_SNAPSHOT_MEMORY_LIVE,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_TEST_CONTROL
  })
  public void fails(MemoryCases.Strike strike, PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    new Faults(bench).arm(strike.step(), strike.kind());

    Refusal.of(() -> bench.snapshots().create(request(domain, "one"))).is(strike.reason());

    assertThat(state(domain)).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    requireNothing(domain, chain);
    domain.write("vda", BEFORE);
    var _ = bench.snapshots().create(request(domain, "one"));
  }

  private void requireNothing(TestDomain domain, DiskChain chain) {
    assertThat(bench.snapshots().list(domain)).isEmpty();
    assertThat(bench.world().look(file("one")).exists()).isFalse();
    assertThat(domain.stored("vda")).isEqualTo(chain.active());
    bench.check(domain).now("vda", chain.images("active"), chain.contents());
  }

  private boolean writesMemory(CompletableFuture<CreateSnapshotResponse> create) {
    assertThat(create).as("the snapshot, which hangs").isNotDone();
    return bench
        .calls()
        .host()
        .inspectWaits(InspectWaitsRequest.newBuilder().setMinimumAge(Durations.ZERO).build())
        .getDriversList()
        .stream()
        .flatMap(driver -> driver.getDomainsList().stream())
        .anyMatch(wait -> wait.getOldestCommand().getCommand().equals(MEMORY_STEP));
  }

  private static DomainState state(TestDomain domain) {
    Domain now = domain.get();
    return now.getStatus().getState();
  }

  private Image file(String name) {
    return Image.newBuilder()
        .setPath(bench.path(name + ".memory"))
        .setFormat(ImageFormat.IMAGE_FORMAT_RAW)
        .build();
  }

  private DiskContents memory(String name) {
    return bench.world().contents(file(name));
  }

  private CreateSnapshotRequest.Builder request(TestDomain domain, String name) {
    return SnapshotRequests.create(domain, name)
        .setMemory(SnapshotMemory.newBuilder().setPath(bench.path(name + ".memory")))
        .setLiveMemory(LiveMemory.getDefaultInstance());
  }

  private JobState reverted(TestDomain domain) {
    return bench.jobs().ended(bench.snapshots().revert(domain, "one")).getState();
  }
}
