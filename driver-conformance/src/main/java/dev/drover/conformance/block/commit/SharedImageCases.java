package dev.drover.conformance.block.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.Fill;
import dev.drover.conformance.ImageSetup;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.Disk;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotKind;
import java.util.List;
import java.util.Optional;

/** Commits in a chain from which a disk of another domain reads (R3, C9, C13). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_BLOCK_COMMIT,
      Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT
    },
    off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
@InStates
public final class SharedImageCases {

  private final Bench bench;

  /** Works on a bench. */
  public SharedImageCases(Bench bench) {
    this.bench = bench;
  }

  @Case("who overwrites the disk of another domain is told before, at the start and at the end")
  @Requirement({"C9", "R3"})
  public void overwritten(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    TestDomain other = above(chain, "base");
    BlockCommitRequest.Builder commit = request(domain).setActive(true);

    assertTold(bench.jobs().commit(commit.clone().setValidateOnly(true)), other, chain);
    Job begun = bench.jobs().commit(commit.setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT));
    assertTold(begun, other, chain);
    assertTold(bench.jobs().succeeded(begun), other, chain);
  }

  @Case("nothing is committed into an image that a running domain reads: who it is is told first")
  @Requirement({"R3", "C18"})
  public void read(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    TestDomain other = above(chain, "base").start(PowerState.PAUSED);
    BlockCommitRequest.Builder commit = request(domain).setActive(true);

    for (boolean only : List.of(true, false)) {
      Refusal refusal =
          Refusal.of(() -> bench.jobs().commit(commit.clone().setValidateOnly(only)))
              .is(ErrorReason.ERROR_REASON_IMAGE_IN_USE)
              .tells("path", chain.path("base"));
      assertThat(refusal.text()).contains("'vda'", "'" + other.name() + "'");
    }
  }

  @Case("a disk that is read through the top of a commit is not overwritten, and nobody is told")
  @Requirement({"C9", "R3"})
  public void throughTheTop(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);
    var _ = above(chain, "snap2");

    Job end =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        request(domain).setTop(chain.path("snap2")).setBase(chain.path("snap1"))));

    assertThat(end.getResult().getWarningsList()).isEmpty();
    bench.check(domain).shows(overlay(), chain.view("snap2"));
  }

  @Case("delete spares the images that the disk of another domain reads, and says whose")
  @Requirement({"C13", "R3"})
  public void spared(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);
    TestDomain other = above(chain, "snap2");

    Job end =
        bench
            .jobs()
            .succeeded(
                bench.jobs().commit(request(domain).setTop(chain.path("snap2")).setDelete(true)));

    assertThat(end.getResult().getDeletedPathsList()).isEmpty();
    assertThat(end.getResult().getInvalidatedPathsList())
        .containsExactly(chain.path("snap2"), chain.path("snap1"));
    assertThat(end.getResult().getWarningsList())
        .satisfiesExactlyInAnyOrder(
            warning -> assertThat(warning).contains(chain.path("snap2"), other.name()),
            warning -> assertThat(warning).contains(chain.path("snap1"), other.name()));
    bench
        .check(other)
        .stored(
            "vda",
            List.of(overlay(), chain.layer("snap2"), chain.layer("snap1"), chain.layer("base")),
            chain.view("snap2"));
  }

  @Case("the image of another domain that was read through the base has lost what it keeps inside")
  @Requirement({"R9", "R3"})
  @Needs({
    Capability.CAPABILITY_SNAPSHOT_INTERNAL,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  public void keptInside(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    TestDomain other = above(chain, "base").start(PowerState.PAUSED);
    var _ =
        bench
            .snapshots()
            .create(
                SnapshotRequests.create(other, "theirs")
                    .setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL));
    other.destroy();

    Job end =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        request(domain)
                            .setActive(true)
                            .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)));

    SnapshotDisk disk = bench.snapshots().get(other, "theirs").getDisks(0);
    assertThat(disk.getStateLost()).as("state of 'theirs' is lost").isTrue();
    assertThat(disk.getLostByJob()).isEqualTo(end.getId());
    assertThat(end.getResult().getWarningsList())
        .anySatisfy(warning -> assertThat(warning).contains("'theirs'", other.name()));
    Refusal.of(() -> bench.snapshots().revert(other, "theirs"))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST)
        .tells("disk", "vda");
    var _ = bench.jobs().succeeded(bench.snapshots().delete(other, "theirs"));
  }

  private void assertTold(Job job, TestDomain other, DiskChain chain) {
    assertThat(job.getResult().getWarningsList())
        .singleElement()
        .satisfies(
            warning ->
                assertThat(warning)
                    .contains("'vda'", "'" + other.name() + "'", chain.path("base")));
  }

  /** A domain whose disk is an overlay above an image of the chain of another one. */
  private TestDomain above(DiskChain chain, String layer) {
    bench
        .world()
        .create(
            new ImageSetup(
                overlay(),
                DiskSize.SMALL.bytes(),
                Optional.of(new ImageSetup.Backing(chain.path(layer), chain.layer(layer))),
                List.<Fill>of()));
    return bench.define(
        bench.spec(
            bench.name("other"), Disk.newBuilder().setTarget("vda").setSource(overlay()).build()));
  }

  private Image overlay() {
    return Image.newBuilder()
        .setPath(bench.path("other.qcow2"))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }

  private static BlockCommitRequest.Builder request(TestDomain domain) {
    return BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk("vda");
  }
}
