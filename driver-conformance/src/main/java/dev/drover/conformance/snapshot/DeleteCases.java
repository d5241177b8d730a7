package dev.drover.conformance.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.Fill;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetSnapshotRequest;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import java.util.List;

/** Snapshots that are forgotten, with or without their images (R3, R9). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
  Capability.CAPABILITY_SNAPSHOT_DELETE
})
@InStates({PowerState.PAUSED, PowerState.RUNNING})
public final class DeleteCases {

  private static final List<Fill> WRITE = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0xb1));

  private final Bench bench;

  /** Works on a bench. */
  public DeleteCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a record alone can be forgotten; no image is touched")
  @Requirement({"R9", "R3"})
  public void metadataOnly(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image overlay = snapshot(domain);
    domain.write("vda", WRITE);

    Job job = delete(domain, true);

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    requireForgotten(domain);
    bench
        .check(domain)
        .live(
            "vda",
            List.of(overlay, chain.layer("active"), chain.layer("base")),
            chain.contents().with(WRITE));
  }

  @Case("the only snapshot goes, and the disk shows what it showed")
  @Requirement({"R9", "R3", "R8"})
  public void only(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = snapshot(domain);
    domain.write("vda", WRITE);

    Job job = bench.jobs().ended(delete(domain, false));

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getKind()).isEqualTo(JobKind.JOB_KIND_SNAPSHOT_DELETE);
    requireForgotten(domain);
    bench.check(domain).shows(domain.stored("vda"), chain.contents().with(WRITE));
  }

  private Image snapshot(TestDomain domain) {
    return bench
        .calls()
        .snapshots()
        .createSnapshot(
            CreateSnapshotRequest.newBuilder().setDomain(domain.ref()).setName("one").build())
        .getSnapshot()
        .getDisks(0)
        .getOverlay();
  }

  private Job delete(TestDomain domain, boolean metadataOnly) {
    return bench
        .calls()
        .snapshots()
        .deleteSnapshot(
            DeleteSnapshotRequest.newBuilder()
                .setDomain(domain.ref())
                .setName("one")
                .setMetadataOnly(metadataOnly)
                .build())
        .getJob();
  }

  private void requireForgotten(TestDomain domain) {
    Refusal.of(
            () ->
                bench
                    .calls()
                    .snapshots()
                    .getSnapshot(
                        GetSnapshotRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setName("one")
                            .build()))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND);
  }
}
