package dev.drover.conformance.suite;

import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.testing.v1.ClearFaultsRequest;
import dev.drover.testing.v1.TestControlServiceGrpc;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.ListDisksRequest;
import dev.drover.v1.LiveMemory;
import dev.drover.v1.Quiesce;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.SetDomainAutostartRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;
import dev.drover.v1.VerifyChainRequest;

/**
 * What a driver answers where it does not declare a capability: exactly what the API documents (A3,
 * R16). One for each capability; a new one does not compile without its refusal.
 */
final class Refusals {

  private Refusals() {}

  /**
   * Asserts the refusal.
   *
   * @return what was refused and how, for people
   */
  static String check(Capability capability, Bench bench) {
    return switch (capability) {
      case CAPABILITY_DOMAIN_LIFECYCLE ->
          throw new AssertionError("every driver must declare the life of domains");
      case CAPABILITY_DOMAIN_TRANSIENT ->
          notSupported(
              "CreateDomain",
              () ->
                  bench
                      .calls()
                      .domains()
                      .createDomain(
                          CreateDomainRequest.newBuilder()
                              .setSpec(bench.spec(bench.name("vm")))
                              .build()));
      case CAPABILITY_DOMAIN_AUTOSTART -> {
        TestDomain domain = bench.define();
        yield notSupported(
            "SetDomainAutostart",
            () ->
                bench
                    .calls()
                    .domains()
                    .setDomainAutostart(
                        SetDomainAutostartRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setAutostart(true)
                            .build()));
      }
      case CAPABILITY_DOMAIN_ADOPTION -> "no call belongs to it; domains end with the daemon";
      case CAPABILITY_BLOCK_CHAIN -> {
        TestDomain domain = bench.define();
        yield notSupported(
            "ListDisks",
            () ->
                bench
                    .calls()
                    .blocks()
                    .listDisks(ListDisksRequest.newBuilder().setDomain(domain.ref()).build()));
      }
      case CAPABILITY_BLOCK_PULL -> {
        TestDomain domain = withDisk(bench).start();
        yield notSupported(
            "BlockPull",
            () ->
                bench
                    .jobs()
                    .pull(BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda")));
      }
      case CAPABILITY_BLOCK_COMMIT -> {
        TestDomain domain = withDisk(bench).start();
        yield notSupported(
            "BlockCommit",
            () ->
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setTop(bench.path("vda-snap2.qcow2"))));
      }
      case CAPABILITY_BLOCK_ACTIVE_COMMIT -> {
        TestDomain domain = withDisk(bench).start();
        yield notSupported(
            "BlockCommit with active",
            () ->
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setActive(true)));
      }
      case CAPABILITY_BLOCK_COPY -> {
        TestDomain domain = withDisk(bench).start();
        yield notSupported(
            "BlockCopy",
            () ->
                bench
                    .jobs()
                    .copy(
                        BlockCopyRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setDestination(
                                Image.newBuilder()
                                    .setPath(bench.path("copy.qcow2"))
                                    .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))));
      }
      case CAPABILITY_SNAPSHOT_DELETE -> {
        TestDomain domain = bench.define();
        yield notSupported(
            "DeleteSnapshot",
            () ->
                bench
                    .calls()
                    .snapshots()
                    .deleteSnapshot(
                        DeleteSnapshotRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setName("any")
                            .build()));
      }
      case CAPABILITY_SNAPSHOT_REVERT -> {
        TestDomain domain = bench.define();
        yield notSupported(
            "RevertSnapshot",
            () ->
                bench
                    .calls()
                    .snapshots()
                    .revertSnapshot(
                        RevertSnapshotRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setName("any")
                            .build()));
      }
      case CAPABILITY_SNAPSHOT_MEMORY -> {
        TestDomain domain = withDisk(bench).start();
        yield notSupported(
            "CreateSnapshot with memory",
            () ->
                bench
                    .calls()
                    .snapshots()
                    .createSnapshot(
                        CreateSnapshotRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setMemory(SnapshotMemory.newBuilder().setPath(bench.path("memory")))
                            .build()));
      }
      case CAPABILITY_SNAPSHOT_MEMORY_LIVE -> {
        TestDomain domain = withDisk(bench).start();
        yield notSupported(
            "CreateSnapshot with live memory",
            () ->
                bench
                    .snapshots()
                    .create(
                        CreateSnapshotRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setMemory(SnapshotMemory.newBuilder().setPath(bench.path("memory")))
                            .setLiveMemory(LiveMemory.getDefaultInstance())));
      }
      case CAPABILITY_SNAPSHOT_COPY -> {
        TestDomain domain = withDisk(bench).start();
        yield notSupported(
            "CreateSnapshot with copies",
            () ->
                bench
                    .snapshots()
                    .create(
                        CreateSnapshotRequest.newBuilder()
                            .setDomain(domain.ref())
                            .addCopies(
                                BlockCopyRequest.newBuilder()
                                    .setDisk("vda")
                                    .setDestination(
                                        Image.newBuilder()
                                            .setPath(bench.path("copy.qcow2"))
                                            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)))));
      }
      case CAPABILITY_SNAPSHOT_INTERNAL -> {
        TestDomain domain = withDisk(bench).start();
        yield notSupported(
            "CreateSnapshot of an internal snapshot",
            () ->
                bench
                    .calls()
                    .snapshots()
                    .createSnapshot(
                        CreateSnapshotRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL)
                            .build()));
      }
      case CAPABILITY_SNAPSHOT_IMPORT -> {
        TestDomain domain = bench.define();
        yield notSupported(
            "ImportSnapshot",
            () ->
                bench
                    .calls()
                    .snapshots()
                    .importSnapshot(
                        ImportSnapshotRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setSnapshot(Snapshot.newBuilder().setName("any"))
                            .build()));
      }
      case CAPABILITY_BLOCK_JOBS_OFFLINE -> {
        TestDomain domain = withDisk(bench);
        yield refused(
            "BlockPull of a shut-off domain",
            onlyRunning(bench, Capability.CAPABILITY_BLOCK_PULL),
            () ->
                bench
                    .jobs()
                    .pull(BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda")));
      }
      case CAPABILITY_SNAPSHOT_EXTERNAL_DISK -> {
        TestDomain domain = withDisk(bench).start();
        yield notSupported("CreateSnapshot", () -> snapshot(bench, domain));
      }
      case CAPABILITY_SNAPSHOT_OFFLINE -> {
        TestDomain domain = withDisk(bench);
        yield refused(
            "CreateSnapshot of a shut-off domain",
            onlyRunning(bench, Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK),
            () -> snapshot(bench, domain));
      }
      case CAPABILITY_QEMU_ARGUMENTS ->
          notSupported(
              "DefineDomain with qemu_args",
              () ->
                  bench
                      .calls()
                      .domains()
                      .defineDomain(
                          DefineDomainRequest.newBuilder()
                              .setSpec(
                                  bench.spec(bench.name("vm")).toBuilder().addQemuArgs("-no-hpet"))
                              .build()));
      case CAPABILITY_CHAIN_REPAIR -> {
        TestDomain domain = withDisk(bench);
        yield notSupported(
            "VerifyChain",
            () ->
                bench
                    .calls()
                    .blocks()
                    .verifyChain(
                        VerifyChainRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .build()));
      }
      case CAPABILITY_JOB_GROUPS ->
          notSupported(
              "CompleteJobs",
              () ->
                  bench
                      .calls()
                      .jobs()
                      .completeJobs(
                          CompleteJobsRequest.newBuilder()
                              .addJobIds("none")
                              .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                              .build()));
      case CAPABILITY_GUEST_AGENT ->
          notSupported(
              "CompleteJob with quiesce",
              () ->
                  bench
                      .calls()
                      .jobs()
                      .completeJob(
                          CompleteJobRequest.newBuilder()
                              .setJobId("none")
                              .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                              .setQuiesce(Quiesce.getDefaultInstance())
                              .build()));
      case CAPABILITY_JOB_POLICIES ->
          notSupported(
              "ResumeJob",
              () ->
                  bench
                      .calls()
                      .jobs()
                      .resumeJob(ResumeJobRequest.newBuilder().setJobId("none").build()));
      case CAPABILITY_TEST_CONTROL ->
          notSupported(
              "ClearFaults",
              () ->
                  TestControlServiceGrpc.newBlockingStub(bench.calls().channel())
                      .clearFaults(ClearFaultsRequest.getDefaultInstance()));
      case CAPABILITY_UNSPECIFIED, UNRECOGNIZED ->
          throw new AssertionError("no case may need " + capability);
    };
  }

  /** A domain with a chain on {@code vda}, or without disks where the driver has none. */
  private static TestDomain withDisk(Bench bench) {
    return bench.declared().contains(Capability.CAPABILITY_BLOCK_CHAIN)
        ? bench.define(bench.fourLayers())
        : bench.define();
  }

  /** Why a call is refused for a shut-off domain: its state, where the call exists at all. */
  private static ErrorReason onlyRunning(Bench bench, Capability call) {
    return bench.declared().contains(call)
        ? ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING
        : ErrorReason.ERROR_REASON_NOT_SUPPORTED;
  }

  private static void snapshot(Bench bench, TestDomain domain) {
    var _ =
        bench
            .calls()
            .snapshots()
            .createSnapshot(
                CreateSnapshotRequest.newBuilder().setDomain(domain.ref()).setName("s1").build());
  }

  private static String notSupported(String what, Runnable call) {
    return refused(what, ErrorReason.ERROR_REASON_NOT_SUPPORTED, call);
  }

  private static String refused(String what, ErrorReason reason, Runnable call) {
    var _ = Refusal.of(call).is(reason);
    return what + " answers " + reason.name().substring("ERROR_REASON_".length());
  }
}
