package dev.drover.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A QEMU of the benchmark's own and the shortest script that does a job right: QEMU finalizes by
 * itself, and a job is dismissed when its outcome was read.
 */
final class BareSide implements AutoCloseable {

  private static final String JOB = "job";
  private static final int ATTEMPTS = 6000;

  private final BareLaunch launch;
  private final Process process;
  private final BareMonitor monitor;

  /**
   * Starts QEMU.
   *
   * @param launch the command line of a QEMU of Drover's
   * @param directory for the process's own files
   */
  BareSide(BareLaunch launch, Path directory) {
    this.launch = launch.moved(launch.runDirectory(), directory);
    try {
      Files.createDirectories(directory);
      this.process =
          new ProcessBuilder(this.launch.arguments())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("qemu.log").toFile())
              .start();
      this.monitor = connect(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BareMonitor connect(Path directory) throws IOException {
    Path socket = directory.resolve("qmp");
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return BareMonitor.connect(socket, DroverSide.PATIENCE);
      } catch (IOException _) {
        // Not listening yet.
        awaitEnd(10);
      }
      if (!process.isAlive()) {
        throw new IllegalStateException(
            "QEMU ended: " + Files.readString(directory.resolve("qemu.log")));
      }
    }
    process.destroyForcibly();
    throw new IllegalStateException("QEMU does not listen on its monitor");
  }

  private boolean awaitEnd(long milliseconds) {
    try {
      return process.waitFor(milliseconds, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for QEMU", e);
    }
  }

  /**
   * Runs a job from the command that starts it until it is dismissed.
   *
   * @param flush whether the result is flushed then
   * @return how long that took, in milliseconds
   */
  double run(JobShape shape, DiskImages images, boolean flush) {
    Stopwatch watch = new Stopwatch();
    switch (shape) {
      case COMMIT -> commit(nodes().get(1), nodes().get(2));
      case ACTIVE_COMMIT -> {
        commit(nodes().get(0), nodes().get(1));
        ready();
        complete();
      }
      case PULL -> {
        ObjectNode stream = job();
        stream.put("device", nodes().getFirst());
        var _ = monitor.execute("block-stream", stream);
      }
      case COPY -> {
        images.create(images.copy());
        mirror(open(images.copy(), "copy"));
        ready();
        complete();
      }
    }
    monitor.await(JOB, "concluded");
    requireSuccess();
    dismiss();
    if (flush) {
      ObjectNode io = BareMonitor.arguments();
      io.put("command-line", "qemu-io -d /machine/peripheral/disk-vda/virtio-backend flush");
      var _ = monitor.execute("human-monitor-command", io);
    }
    return watch.milliseconds();
  }

  /**
   * Puts an empty image above the disk, as a snapshot does, and brings a commit of it to READY.
   *
   * @param held whether the job waits for {@code job-finalize} before it changes the graph
   */
  void readyAfterSnapshot(DiskImages images, Path overlay, String node, boolean held) {
    images.overlay(overlay, images.base());
    ObjectNode snapshot = BareMonitor.arguments();
    snapshot.put("node", nodes().getFirst());
    snapshot.put("overlay", open(overlay, node));
    var _ = monitor.execute("blockdev-snapshot", snapshot);
    ObjectNode commit = commitOf(node, nodes().getFirst());
    commit.put("auto-finalize", !held);
    var _ = monitor.execute("block-commit", commit);
    ready();
  }

  /**
   * Ends a job that is READY, looks at what the device reads and dismisses the job.
   *
   * @return how long that took, in milliseconds
   */
  double pivot() {
    Stopwatch watch = new Stopwatch();
    complete();
    monitor.await(JOB, "concluded");
    JsonNode devices = monitor.execute("query-block");
    String root = devices.path(0).path("inserted").path("node-name").asText();
    dismiss();
    double took = watch.milliseconds();
    if (!root.equals(nodes().getFirst())) {
      throw new IllegalStateException("no pivot happened: " + devices);
    }
    return took;
  }

  /**
   * The same so that whoever asks afterwards knows the outcome: the graph changes only on command,
   * when the decision could have been written down, and nothing of the job is left.
   *
   * @param node the image that was committed
   * @return how long that took, in milliseconds
   */
  double pivotHeld(String node) {
    Stopwatch watch = new Stopwatch();
    complete();
    monitor.await(JOB, "pending");
    ObjectNode job = BareMonitor.arguments();
    job.put("id", JOB);
    var _ = monitor.execute("job-finalize", job);
    monitor.await(JOB, "concluded");
    requireSuccess();
    JsonNode devices = monitor.execute("query-block");
    String root = devices.path(0).path("inserted").path("node-name").asText();
    dismiss();
    close(node);
    double took = watch.milliseconds();
    if (!root.equals(nodes().getFirst())) {
      throw new IllegalStateException("no pivot happened: " + devices);
    }
    return took;
  }

  /** Closes the nodes that a pivot has left. */
  void close(String node) {
    for (String name : List.of(node, node + "-file")) {
      ObjectNode closed = BareMonitor.arguments();
      closed.put("node-name", name);
      var _ = monitor.execute("blockdev-del", closed);
    }
  }

  private List<String> nodes() {
    return launch.nodes();
  }

  private void commit(String top, String base) {
    var _ = monitor.execute("block-commit", commitOf(top, base));
  }

  private ObjectNode commitOf(String top, String base) {
    ObjectNode commit = job();
    commit.put("device", nodes().contains(top) ? nodes().getFirst() : top);
    commit.put("top-node", top);
    commit.put("base-node", base);
    return commit;
  }

  private void mirror(String target) {
    ObjectNode mirror = job();
    mirror.put("device", nodes().getFirst());
    mirror.put("target", target);
    mirror.put("sync", "full");
    var _ = monitor.execute("blockdev-mirror", mirror);
  }

  private static ObjectNode job() {
    ObjectNode options = BareMonitor.arguments();
    options.put("job-id", JOB);
    options.put("auto-dismiss", false);
    return options;
  }

  /** Opens an image with the options that Drover uses, without its backing image. */
  private String open(Path image, String node) {
    ObjectNode file = BareMonitor.arguments();
    file.put("driver", "file");
    file.put("node-name", node + "-file");
    file.put("filename", image.toString());
    file.put("auto-read-only", true);
    file.put("discard", "unmap");
    var _ = monitor.execute("blockdev-add", file);
    ObjectNode format = BareMonitor.arguments();
    format.put("driver", "qcow2");
    format.put("node-name", node);
    format.put("file", node + "-file");
    format.put("discard", "unmap");
    format.putNull("backing");
    var _ = monitor.execute("blockdev-add", format);
    return node;
  }

  private void ready() {
    monitor.await(JOB, "ready");
  }

  private void complete() {
    ObjectNode job = BareMonitor.arguments();
    job.put("id", JOB);
    var _ = monitor.execute("job-complete", job);
  }

  private void requireSuccess() {
    JsonNode jobs = monitor.execute("query-jobs");
    if (jobs.path(0).has("error")) {
      throw new IllegalStateException("the job failed: " + jobs);
    }
  }

  private void dismiss() {
    ObjectNode job = BareMonitor.arguments();
    job.put("id", JOB);
    var _ = monitor.execute("job-dismiss", job);
  }

  @Override
  public void close() {
    try {
      if (process.isAlive()) {
        var _ = monitor.execute("quit");
      }
    } finally {
      monitor.close();
      if (!awaitEnd(10_000)) {
        process.destroyForcibly();
      }
    }
  }
}
