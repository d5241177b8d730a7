package dev.drover.client.cli;

import dev.drover.client.JobHandle;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.SnapshotPlan;
import dev.drover.v1.SnapshotScope;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code drover snapshot-delete}: forgets snapshots and what only they need of the images. */
@Command(
    name = "snapshot-delete",
    description = {
      "Delete a snapshot: what the guest and every other snapshot read stays the same, and images"
          + " that nothing needs any more go. Waits for the job; Ctrl-C ends the waiting only."
    })
final class SnapshotDeleteCommand extends SnapshotVerb {
  @Option(names = "--children", description = "Delete all that descend from it too.")
  private boolean children;

  @Option(
      names = "--children-only",
      description = "Delete all that descend from it, and keep the snapshot itself.")
  private boolean childrenOnly;

  @Option(names = "--metadata", description = "Forget the records and touch no image.")
  private boolean metadata;

  @Option(
      names = "--plan",
      description = "Change nothing; show what would be done to each disk's images.")
  private boolean plan;

  @Option(names = "--no-wait", description = "Return once the job has been started.")
  private boolean noWait;

  SnapshotDeleteCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    exclusive("--children", children, "--children-only", childrenOnly);
    exclusive("--plan", plan, "--no-wait", noWait);
    String name = snapshotName();
    DeleteSnapshotRequest.Builder request =
        DeleteSnapshotRequest.newBuilder()
            .setName(name)
            .setScope(scope())
            .setMetadataOnly(metadata);
    if (plan) {
      show(domain().planSnapshotDeletion(request));
      return;
    }
    try (JobHandle job = domain().deleteSnapshot(request)) {
      if (noWait) {
        output().done("Job '%s' started".formatted(job.id()), job.latest());
      } else {
        String success =
            childrenOnly ? "Domain snapshot %s children deleted" : "Domain snapshot %s deleted";
        follow(job, "Deletion", success.formatted(name));
      }
    }
  }

  private SnapshotScope scope() {
    if (children) {
      return SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN;
    }
    return childrenOnly
        ? SnapshotScope.SNAPSHOT_SCOPE_CHILDREN_ONLY
        : SnapshotScope.SNAPSHOT_SCOPE_ONE;
  }

  private void show(SnapshotPlan planned) {
    if (!output().forPeople()) {
      output().message(planned);
      return;
    }
    output().table(SnapshotPlans.planned(planned));
    output().confirm("");
    output().confirm(SnapshotPlans.summary(planned));
  }

  @Override
  String failure() {
    return "Failed to delete snapshot %s of domain '%s'".formatted(called(), words());
  }
}
