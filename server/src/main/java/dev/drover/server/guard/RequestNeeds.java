package dev.drover.server.guard;

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
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.JobErrorPolicy;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.SetDomainAutostartRequest;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.UndefineDomainRequest;
import dev.drover.v1.VerifyChainRequest;
import java.util.EnumSet;
import java.util.Set;

/** Capabilities that a request needs beyond the facet of its service, by what it asks for (R16). */
final class RequestNeeds {

  private RequestNeeds() {}

  /** What a request needs. */
  static Set<Capability> of(Message request) {
    Set<Capability> needs = EnumSet.noneOf(Capability.class);
    switch (request) {
      case CreateDomainRequest create -> {
        needs.add(Capability.CAPABILITY_DOMAIN_TRANSIENT);
        spec(create.getSpec(), needs);
      }
      case DefineDomainRequest define -> spec(define.getSpec(), needs);
      case SetDomainAutostartRequest _ -> needs.add(Capability.CAPABILITY_DOMAIN_AUTOSTART);
      case VerifyChainRequest _, RepairChainRequest _ ->
          needs.add(Capability.CAPABILITY_CHAIN_REPAIR);
      case BlockPullRequest pull -> onError(pull.getOnError(), needs);
      case BlockCommitRequest commit -> {
        onError(commit.getOnError(), needs);
        convergence(commit.getConvergence(), needs);
      }
      case BlockCopyRequest copy -> copy(copy, needs);
      case ResumeJobRequest _ -> needs.add(Capability.CAPABILITY_JOB_POLICIES);
      case CompleteJobRequest complete -> {
        when(complete.getHoldGuest(), Capability.CAPABILITY_JOB_GROUPS, needs);
        when(complete.hasQuiesce(), Capability.CAPABILITY_GUEST_AGENT, needs);
      }
      case CompleteJobsRequest complete -> {
        needs.add(Capability.CAPABILITY_JOB_GROUPS);
        when(complete.hasQuiesce(), Capability.CAPABILITY_GUEST_AGENT, needs);
      }
      case CreateSnapshotRequest create -> {
        when(
            create.getKind() == SnapshotKind.SNAPSHOT_KIND_INTERNAL,
            Capability.CAPABILITY_SNAPSHOT_INTERNAL,
            needs);
        when(create.hasMemory(), Capability.CAPABILITY_SNAPSHOT_MEMORY, needs);
        when(create.hasLiveMemory(), Capability.CAPABILITY_SNAPSHOT_MEMORY_LIVE, needs);
        when(create.hasQuiesce(), Capability.CAPABILITY_GUEST_AGENT, needs);
        when(create.getCopiesCount() > 0, Capability.CAPABILITY_SNAPSHOT_COPY, needs);
        create.getCopiesList().forEach(copy -> copy(copy, needs));
      }
      case ImportSnapshotRequest _ -> needs.add(Capability.CAPABILITY_SNAPSHOT_IMPORT);
      case UndefineDomainRequest undefine ->
          when(undefine.getKeepSnapshots(), Capability.CAPABILITY_SNAPSHOT_IMPORT, needs);
      case DeleteSnapshotRequest _ -> needs.add(Capability.CAPABILITY_SNAPSHOT_DELETE);
      case RevertSnapshotRequest _ -> needs.add(Capability.CAPABILITY_SNAPSHOT_REVERT);
      default -> {}
    }
    return needs;
  }

  private static void spec(DomainSpec spec, Set<Capability> needs) {
    when(spec.getQemuArgsCount() > 0, Capability.CAPABILITY_QEMU_ARGUMENTS, needs);
    when(spec.hasGuestAgent(), Capability.CAPABILITY_GUEST_AGENT, needs);
  }

  private static void copy(BlockCopyRequest copy, Set<Capability> needs) {
    onError(copy.getOnError(), needs);
    convergence(copy.getConvergence(), needs);
  }

  private static void onError(JobErrorPolicy policy, Set<Capability> needs) {
    when(
        policy != JobErrorPolicy.JOB_ERROR_POLICY_UNSPECIFIED,
        Capability.CAPABILITY_JOB_POLICIES,
        needs);
  }

  private static void convergence(Convergence convergence, Set<Capability> needs) {
    boolean bounded =
        convergence.hasDeadline()
            || convergence.getPolicy() == ConvergencePolicy.CONVERGENCE_POLICY_PAUSE;
    when(bounded, Capability.CAPABILITY_JOB_POLICIES, needs);
  }

  private static void when(boolean asked, Capability capability, Set<Capability> needs) {
    if (asked) {
      needs.add(capability);
    }
  }
}
