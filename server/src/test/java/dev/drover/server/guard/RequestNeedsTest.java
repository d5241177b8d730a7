package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.Convergence;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.GuestAgent;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.JobErrorPolicy;
import dev.drover.v1.LiveMemory;
import dev.drover.v1.Quiesce;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.SetDomainAutostartRequest;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;
import dev.drover.v1.UndefineDomainRequest;
import dev.drover.v1.VerifyChainRequest;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R16: what a driver does not declare never reaches it, also where it is one field of a call that
 * the driver has; and nobody is refused for the lack of what was not asked for.
 */
class RequestNeedsTest {

  private static final DomainSpec ARGUMENTS =
      DomainSpec.newBuilder().addQemuArgs("-no-reboot").build();
  private static final DomainSpec AGENT =
      DomainSpec.newBuilder().setGuestAgent(GuestAgent.getDefaultInstance()).build();
  private static final Convergence IN_TIME =
      Convergence.newBuilder().setDeadline(Duration.newBuilder().setSeconds(9)).build();
  private static final Convergence HOLDING =
      convergence(ConvergencePolicy.CONVERGENCE_POLICY_PAUSE);
  private static final Convergence SYNCHRONOUS =
      convergence(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING);
  private static final JobErrorPolicy STOP = JobErrorPolicy.JOB_ERROR_POLICY_STOP;
  private static final Quiesce QUIESCE = Quiesce.getDefaultInstance();

  private static Convergence convergence(ConvergencePolicy policy) {
    return Convergence.newBuilder().setPolicy(policy).build();
  }

  static Stream<Arguments> requests() {
    return Stream.of(
            domains(),
            jobs(),
            ends(),
            snapshots(),
            Stream.of(needs(GetDomainRequest.getDefaultInstance())))
        .flatMap(part -> part);
  }

  private static Stream<Arguments> domains() {
    return Stream.of(
        needs(CreateDomainRequest.getDefaultInstance(), "DOMAIN_TRANSIENT"),
        needs(
            CreateDomainRequest.newBuilder().setSpec(ARGUMENTS).build(),
            "DOMAIN_TRANSIENT",
            "QEMU_ARGUMENTS"),
        needs(
            CreateDomainRequest.newBuilder().setSpec(AGENT).build(),
            "DOMAIN_TRANSIENT",
            "GUEST_AGENT"),
        needs(DefineDomainRequest.getDefaultInstance()),
        needs(DefineDomainRequest.newBuilder().setSpec(ARGUMENTS).build(), "QEMU_ARGUMENTS"),
        needs(DefineDomainRequest.newBuilder().setSpec(AGENT).build(), "GUEST_AGENT"),
        needs(SetDomainAutostartRequest.getDefaultInstance(), "DOMAIN_AUTOSTART"),
        needs(UndefineDomainRequest.getDefaultInstance()),
        needs(UndefineDomainRequest.newBuilder().setKeepSnapshots(true).build(), "SNAPSHOT_IMPORT"),
        needs(VerifyChainRequest.getDefaultInstance(), "CHAIN_REPAIR"),
        needs(RepairChainRequest.getDefaultInstance(), "CHAIN_REPAIR"));
  }

  private static Stream<Arguments> jobs() {
    return Stream.of(
        needs(BlockPullRequest.getDefaultInstance()),
        needs(BlockPullRequest.newBuilder().setOnError(STOP).build(), "JOB_POLICIES"),
        needs(BlockCommitRequest.getDefaultInstance()),
        needs(BlockCommitRequest.newBuilder().setOnError(STOP).build(), "JOB_POLICIES"),
        needs(BlockCommitRequest.newBuilder().setConvergence(IN_TIME).build(), "JOB_POLICIES"),
        needs(BlockCommitRequest.newBuilder().setConvergence(HOLDING).build(), "JOB_POLICIES"),
        needs(BlockCommitRequest.newBuilder().setConvergence(SYNCHRONOUS).build()),
        needs(BlockCopyRequest.getDefaultInstance()),
        needs(BlockCopyRequest.newBuilder().setOnError(STOP).build(), "JOB_POLICIES"),
        needs(BlockCopyRequest.newBuilder().setConvergence(IN_TIME).build(), "JOB_POLICIES"),
        needs(BlockCopyRequest.newBuilder().setConvergence(HOLDING).build(), "JOB_POLICIES"),
        needs(BlockCopyRequest.newBuilder().setConvergence(SYNCHRONOUS).build()));
  }

  private static Stream<Arguments> ends() {
    return Stream.of(
        needs(ResumeJobRequest.getDefaultInstance(), "JOB_POLICIES"),
        needs(CompleteJobRequest.getDefaultInstance()),
        needs(CompleteJobRequest.newBuilder().setHoldGuest(true).build(), "JOB_GROUPS"),
        needs(CompleteJobRequest.newBuilder().setQuiesce(QUIESCE).build(), "GUEST_AGENT"),
        needs(CompleteJobsRequest.getDefaultInstance(), "JOB_GROUPS"),
        needs(
            CompleteJobsRequest.newBuilder().setQuiesce(QUIESCE).build(),
            "JOB_GROUPS",
            "GUEST_AGENT"));
  }

  private static Stream<Arguments> snapshots() {
    return Stream.of(
        needs(CreateSnapshotRequest.getDefaultInstance()),
        needs(
            CreateSnapshotRequest.newBuilder()
                .setKind(SnapshotKind.SNAPSHOT_KIND_EXTERNAL)
                .build()),
        needs(
            CreateSnapshotRequest.newBuilder().setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL).build(),
            "SNAPSHOT_INTERNAL"),
        needs(
            CreateSnapshotRequest.newBuilder()
                .setMemory(SnapshotMemory.getDefaultInstance())
                .build(),
            "SNAPSHOT_MEMORY"),
        needs(
            CreateSnapshotRequest.newBuilder()
                .setLiveMemory(LiveMemory.getDefaultInstance())
                .build(),
            "SNAPSHOT_MEMORY_LIVE"),
        needs(CreateSnapshotRequest.newBuilder().setQuiesce(QUIESCE).build(), "GUEST_AGENT"),
        needs(
            CreateSnapshotRequest.newBuilder()
                .addCopies(BlockCopyRequest.getDefaultInstance())
                .build(),
            "SNAPSHOT_COPY"),
        needs(
            CreateSnapshotRequest.newBuilder()
                .addCopies(BlockCopyRequest.newBuilder().setOnError(STOP))
                .build(),
            "SNAPSHOT_COPY",
            "JOB_POLICIES"),
        needs(ImportSnapshotRequest.getDefaultInstance(), "SNAPSHOT_IMPORT"),
        needs(DeleteSnapshotRequest.getDefaultInstance(), "SNAPSHOT_DELETE"),
        needs(RevertSnapshotRequest.getDefaultInstance(), "SNAPSHOT_REVERT"));
  }

  private static Arguments needs(Message request, String... capabilities) {
    return Arguments.of(
        request.getDescriptorForType().getName() + " " + RequestText.of(request),
        request,
        Set.of(capabilities));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void aRequestNeedsWhatItAsksFor(String text, Message request, Set<String> expected) {
    assertThat(RequestNeeds.of(request))
        .extracting(Capability::name)
        .extracting(name -> name.replace("CAPABILITY_", ""))
        .containsExactlyInAnyOrderElementsOf(expected);
  }
}
