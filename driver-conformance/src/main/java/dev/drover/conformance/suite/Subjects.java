package dev.drover.conformance.suite;

import dev.drover.conformance.badinput.BlockArgumentCases;
import dev.drover.conformance.badinput.ImageCases;
import dev.drover.conformance.badinput.PolicyArgumentCases;
import dev.drover.conformance.badinput.SpecCases;
import dev.drover.conformance.block.GroupEndCases;
import dev.drover.conformance.block.QuiesceCases;
import dev.drover.conformance.block.QuiesceFaultCases;
import dev.drover.conformance.block.chain.ChainDifferenceCases;
import dev.drover.conformance.block.chain.ChainRepairCases;
import dev.drover.conformance.block.commit.ActiveCommitCases;
import dev.drover.conformance.block.commit.CommitCases;
import dev.drover.conformance.block.commit.SharedImageCases;
import dev.drover.conformance.block.copy.CopyCases;
import dev.drover.conformance.block.copy.DestinationCases;
import dev.drover.conformance.block.copy.HeldBackCases;
import dev.drover.conformance.block.copy.RebaseCases;
import dev.drover.conformance.block.pull.PullCases;
import dev.drover.conformance.control.TestControlCases;
import dev.drover.conformance.dispatch.GuardCases;
import dev.drover.conformance.dispatch.HostCases;
import dev.drover.conformance.dispatch.LimitCases;
import dev.drover.conformance.dispatch.OnceCases;
import dev.drover.conformance.dispatch.PermissionCases;
import dev.drover.conformance.dispatch.WaitCases;
import dev.drover.conformance.domain.DefinitionCases;
import dev.drover.conformance.domain.DeviceCases;
import dev.drover.conformance.domain.LifecycleCases;
import dev.drover.conformance.domain.ListingCases;
import dev.drover.conformance.event.WatchCases;
import dev.drover.conformance.event.WatchFilterCases;
import dev.drover.conformance.job.ConvergenceCases;
import dev.drover.conformance.job.EndingFaultCases;
import dev.drover.conformance.job.ErrorPolicyCases;
import dev.drover.conformance.job.FaultCases;
import dev.drover.conformance.job.JobCourseCases;
import dev.drover.conformance.job.JobRecordCases;
import dev.drover.conformance.job.OfflineCases;
import dev.drover.conformance.job.QueueCases;
import dev.drover.conformance.job.TraceCases;
import dev.drover.conformance.snapshot.DeleteCases;
import dev.drover.conformance.snapshot.DeleteFaultCases;
import dev.drover.conformance.snapshot.ImportCases;
import dev.drover.conformance.snapshot.InternalRefusalCases;
import dev.drover.conformance.snapshot.InternalSnapshotCases;
import dev.drover.conformance.snapshot.KeptMemoryCases;
import dev.drover.conformance.snapshot.LiveMemoryCases;
import dev.drover.conformance.snapshot.LostStateCases;
import dev.drover.conformance.snapshot.MemoryCases;
import dev.drover.conformance.snapshot.QuiescedSnapshotCases;
import dev.drover.conformance.snapshot.QuiescedSnapshotFaultCases;
import dev.drover.conformance.snapshot.RedefinedDiskCases;
import dev.drover.conformance.snapshot.RefusedSnapshotCases;
import dev.drover.conformance.snapshot.RefusedSnapshotCopyCases;
import dev.drover.conformance.snapshot.RenameCases;
import dev.drover.conformance.snapshot.RevertCases;
import dev.drover.conformance.snapshot.RevertFaultCases;
import dev.drover.conformance.snapshot.SnapshotCases;
import dev.drover.conformance.snapshot.SnapshotCopyCases;
import dev.drover.conformance.snapshot.SnapshotCopyFaultCases;
import java.util.List;

/** The classes that hold cases, in the order in which a run takes them. */
public final class Subjects {

  private Subjects() {}

  /** Every class. */
  public static List<Class<?>> all() {
    return List.of(
        HostCases.class,
        TestControlCases.class,
        PermissionCases.class,
        WaitCases.class,
        GuardCases.class,
        OnceCases.class,
        LimitCases.class,
        DefinitionCases.class,
        LifecycleCases.class,
        DeviceCases.class,
        ListingCases.class,
        SpecCases.class,
        ImageCases.class,
        BlockArgumentCases.class,
        PolicyArgumentCases.class,
        CommitCases.class,
        ActiveCommitCases.class,
        SharedImageCases.class,
        PullCases.class,
        RebaseCases.class,
        CopyCases.class,
        DestinationCases.class,
        HeldBackCases.class,
        ChainRepairCases.class,
        ChainDifferenceCases.class,
        GroupEndCases.class,
        QuiesceCases.class,
        QuiesceFaultCases.class,
        OfflineCases.class,
        JobRecordCases.class,
        JobCourseCases.class,
        QueueCases.class,
        TraceCases.class,
        EndingFaultCases.class,
        ErrorPolicyCases.class,
        ConvergenceCases.class,
        DeleteCases.class,
        RedefinedDiskCases.class,
        DeleteFaultCases.class,
        LostStateCases.class,
        RevertCases.class,
        RevertFaultCases.class,
        MemoryCases.class,
        LiveMemoryCases.class,
        KeptMemoryCases.class,
        SnapshotCases.class,
        RefusedSnapshotCases.class,
        SnapshotCopyCases.class,
        RefusedSnapshotCopyCases.class,
        SnapshotCopyFaultCases.class,
        InternalSnapshotCases.class,
        InternalRefusalCases.class,
        ImportCases.class,
        RenameCases.class,
        QuiescedSnapshotCases.class,
        QuiescedSnapshotFaultCases.class,
        WatchCases.class,
        WatchFilterCases.class,
        FaultCases.class);
  }
}
