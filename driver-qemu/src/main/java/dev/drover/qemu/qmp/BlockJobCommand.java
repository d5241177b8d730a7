package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Starts and steers jobs. Events of a job may arrive before the reply of the command that started
 * it: subscribe, and write the record, before sending.
 */
public sealed interface BlockJobCommand extends QmpCommand<Acknowledged> {

  @Override
  default Acknowledged decode(JsonNode result) {
    return Acknowledged.ACKNOWLEDGED;
  }

  @Override
  default CommandDeadline deadline() {
    return CommandDeadline.CONTROL;
  }

  /**
   * {@code block-stream}: copies the layers between {@code device} and {@code baseNode} up into
   * {@code device}.
   *
   * @param options common options
   * @param device node that receives the data
   * @param baseNode first layer that stays below; absent with {@code bottomNode} to pull everything
   * @param bottomNode last layer that is copied; the alternative to {@code baseNode}
   * @param backingFile string to write into the header; always given when a layer stays below
   * @param backingMaskProtocol hides format-less layers in the header's format; QEMU 10.0 on
   * @param onError policy, QEMU's default is {@link OnError#REPORT}
   */
  record BlockStream(
      JobOptions options,
      String device,
      Optional<String> baseNode,
      Optional<String> bottomNode,
      Optional<String> backingFile,
      Optional<Boolean> backingMaskProtocol,
      Optional<OnError> onError)
      implements BlockJobCommand {
    @Override
    public String name() {
      return "block-stream";
    }

    @Override
    public ObjectNode arguments() {
      return options
          .addTo(Arguments.arguments())
          .put("device", device)
          .putText("base-node", baseNode)
          .putText("bottom", bottomNode)
          .putText("backing-file", backingFile)
          .putFlag("backing-mask-protocol", backingMaskProtocol)
          .putEnum("on-error", onError)
          .build();
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.GRAPH_CHANGE;
    }

    /** Whether the job can become concluded without an order from this side. */
    boolean mayConcludeByItself() {
      return options.autoFinalize() || !onError.equals(Optional.of(OnError.STOP));
    }
  }

  /**
   * {@code block-commit}: writes the layers from {@code topNode} down to above {@code baseNode}
   * into {@code baseNode}. With the device's own root as top it is a two-phase job.
   *
   * @param options common options
   * @param device root node of the disk
   * @param baseNode node that receives the data
   * @param topNode highest layer that is committed
   * @param backingFile string for the header of the layer above top; not for active commits
   * @param backingMaskProtocol hides format-less layers in the header's format; QEMU 10.0 on
   * @param onError policy, QEMU's default is {@link OnError#REPORT}
   */
  record BlockCommit(
      JobOptions options,
      String device,
      String baseNode,
      String topNode,
      Optional<String> backingFile,
      Optional<Boolean> backingMaskProtocol,
      Optional<OnError> onError)
      implements BlockJobCommand {
    @Override
    public String name() {
      return "block-commit";
    }

    @Override
    public ObjectNode arguments() {
      return options
          .addTo(Arguments.arguments())
          .put("device", device)
          .put("base-node", baseNode)
          .put("top-node", topNode)
          .putText("backing-file", backingFile)
          .putFlag("backing-mask-protocol", backingMaskProtocol)
          .putEnum("on-error", onError)
          .build();
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.GRAPH_CHANGE;
    }
  }

  /**
   * {@code blockdev-mirror}: copies a disk to a node of the same size and keeps both in step.
   *
   * @param options common options
   * @param device root node of the disk
   * @param target node that receives the data
   * @param sync what is copied
   * @param replaces node to replace at completion, the device's root when absent
   * @param copyMode how guest writes reach the target
   * @param granularityBytes bytes per dirty bit, a power of two from 512 to 64 MiB
   * @param bufferBytes most data in flight; the unit of work, so also the burst under a speed limit
   * @param onSourceError policy for reads
   * @param onTargetError policy for writes
   */
  record BlockdevMirror(
      JobOptions options,
      String device,
      String target,
      MirrorSync sync,
      Optional<String> replaces,
      Optional<MirrorCopyMode> copyMode,
      OptionalLong granularityBytes,
      OptionalLong bufferBytes,
      Optional<OnError> onSourceError,
      Optional<OnError> onTargetError)
      implements BlockJobCommand {
    @Override
    public String name() {
      return "blockdev-mirror";
    }

    @Override
    public ObjectNode arguments() {
      return options
          .addTo(Arguments.arguments())
          .put("device", device)
          .put("target", target)
          .put("sync", sync)
          .putText("replaces", replaces)
          .putEnum("copy-mode", copyMode)
          .put("granularity", granularityBytes)
          .put("buf-size", bufferBytes)
          .putEnum("on-source-error", onSourceError)
          .putEnum("on-target-error", onTargetError)
          .build();
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.GRAPH_CHANGE;
    }
  }

  /**
   * {@code block-job-set-speed}.
   *
   * @param jobId the job
   * @param bytesPerSecond limit, 0 for none
   */
  record SetSpeed(String jobId, long bytesPerSecond) implements BlockJobCommand {
    @Override
    public String name() {
      return "block-job-set-speed";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("device", jobId).put("speed", bytesPerSecond).build();
    }
  }

  /**
   * {@code block-job-cancel}. Without {@code force} a job that is ready ends as completed, without
   * an error and without pivot: the target is a copy of this moment.
   *
   * @param jobId the job
   * @param force give up at once, leaving the target behind in no particular state
   */
  record BlockJobCancel(String jobId, boolean force) implements BlockJobCommand {
    @Override
    public String name() {
      return "block-job-cancel";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("device", jobId).put("force", force).build();
    }
  }

  /**
   * {@code job-cancel}: always forced, whatever the state.
   *
   * @param jobId the job
   */
  record JobCancel(String jobId) implements BlockJobCommand {
    @Override
    public String name() {
      return "job-cancel";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.ofId(jobId);
    }
  }

  /**
   * {@code job-complete}: lets a ready job go to its end, which for a mirror or active commit is
   * the pivot.
   *
   * @param jobId the job
   */
  record JobComplete(String jobId) implements BlockJobCommand {
    @Override
    public String name() {
      return "job-complete";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.ofId(jobId);
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.DRAIN;
    }
  }

  /**
   * {@code job-finalize}: lets a pending job change the graph.
   *
   * @param jobId the job
   */
  record JobFinalize(String jobId) implements BlockJobCommand {
    @Override
    public String name() {
      return "job-finalize";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.ofId(jobId);
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.DRAIN;
    }
  }

  /**
   * {@code job-dismiss}: forgets a concluded job.
   *
   * @param jobId the job
   */
  record JobDismiss(String jobId) implements BlockJobCommand {
    @Override
    public String name() {
      return "job-dismiss";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.ofId(jobId);
    }
  }

  /**
   * {@code job-pause}.
   *
   * @param jobId the job
   */
  record JobPause(String jobId) implements BlockJobCommand {
    @Override
    public String name() {
      return "job-pause";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.ofId(jobId);
    }
  }

  /**
   * {@code job-resume}: also continues a job that an I/O error stopped.
   *
   * @param jobId the job
   */
  record JobResume(String jobId) implements BlockJobCommand {
    @Override
    public String name() {
      return "job-resume";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.ofId(jobId);
    }
  }
}
