package dev.drover.client.cli;

import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotPlan;
import dev.drover.v1.SnapshotStep;
import dev.drover.v1.SnapshotStepState;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What people read about the steps of a snapshot's deletion. */
final class SnapshotPlans {
  private SnapshotPlans() {}

  /** The steps that would be done. */
  static Table planned(SnapshotPlan plan) {
    return table(plan, false);
  }

  /** The steps with how far each has come. */
  static Table progress(SnapshotPlan plan) {
    return table(plan, true);
  }

  private static Table table(SnapshotPlan plan, boolean states) {
    boolean details = plan.getStepsList().stream().anyMatch(step -> !step.getDetail().isEmpty());
    List<String> header = new ArrayList<>(List.of("Disk", "Action", "Images", "Into", "Bytes"));
    if (states) {
      header.add("State");
    }
    if (details) {
      header.add("Detail");
    }
    List<List<String>> rows = new ArrayList<>();
    for (SnapshotStep step : plan.getStepsList()) {
      List<String> row = new ArrayList<>();
      row.add(disk(step));
      row.add(action(step.getAction()));
      row.add(paths(step));
      row.add(Table.orDash(step.getInto().getPath()));
      row.add(Sizes.format(step.getBytesToMove()));
      if (states) {
        row.add(state(step.getState()));
      }
      if (details) {
        row.add(Table.orDash(step.getDetail()));
      }
      rows.add(row);
    }
    return new Table(header, rows);
  }

  /** How many images go, and what moving their data costs. */
  static String summary(SnapshotPlan plan) {
    int images =
        plan.getStepsList().stream()
            .filter(
                step ->
                    step.getAction() != SnapshotAction.SNAPSHOT_ACTION_KEEP
                        && step.getAction() != SnapshotAction.SNAPSHOT_ACTION_DISCARD)
            .mapToInt(SnapshotStep::getImagesCount)
            .sum();
    return switch (images) {
      case 0 -> "No image goes; nothing was changed.";
      case 1 -> "1 image goes, %s move; nothing was changed.".formatted(bytes(plan));
      default -> "%d images go, %s move; nothing was changed.".formatted(images, bytes(plan));
    };
  }

  private static String bytes(SnapshotPlan plan) {
    return Sizes.format(plan.getBytesToMove());
  }

  /** A line for each step of a job that failed; none for jobs without a plan. */
  static List<String> failures(Job job) {
    return job.getSnapshotPlan().getStepsList().stream()
        .filter(step -> step.getState() == SnapshotStepState.SNAPSHOT_STEP_STATE_FAILED)
        .map(
            step ->
                "Disk '%s', %s of %s: %s"
                    .formatted(disk(step), action(step.getAction()), paths(step), step.getDetail()))
        .toList();
  }

  private static String disk(SnapshotStep step) {
    return step.getDisk().isEmpty() ? "(memory)" : step.getDisk();
  }

  private static String paths(SnapshotStep step) {
    return Table.orDash(
        step.getImagesList().stream().map(Image::getPath).collect(Collectors.joining(", ")));
  }

  private static String action(SnapshotAction action) {
    return switch (action) {
      case SNAPSHOT_ACTION_REMOVE -> "remove";
      case SNAPSHOT_ACTION_COMMIT -> "commit";
      case SNAPSHOT_ACTION_PULL -> "pull";
      case SNAPSHOT_ACTION_KEEP -> "keep";
      case SNAPSHOT_ACTION_DISCARD -> "discard";
      case SNAPSHOT_ACTION_UNSPECIFIED, UNRECOGNIZED -> "unknown";
    };
  }

  private static String state(SnapshotStepState state) {
    return switch (state) {
      case SNAPSHOT_STEP_STATE_PENDING -> "pending";
      case SNAPSHOT_STEP_STATE_RUNNING -> "running";
      case SNAPSHOT_STEP_STATE_DONE -> "done";
      case SNAPSHOT_STEP_STATE_FAILED -> "failed";
      case SNAPSHOT_STEP_STATE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
    };
  }
}
