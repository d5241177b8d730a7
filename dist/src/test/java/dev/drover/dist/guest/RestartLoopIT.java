package dev.drover.dist.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.DomainHandle;
import dev.drover.client.Drover;
import dev.drover.client.JobHandle;
import dev.drover.qemu.QemuDriverProvider;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * R7: a client that starts, snapshots, commits and destroys in a loop does not notice that its
 * daemon is stopped and started again twenty times, always right after a call has ended and the
 * next one begins. Each call, made once, is done once: a second start, or a second snapshot of a
 * name, would fail, and a second commit would be another job.
 */
@Tag("qemu")
@Timeout(600)
class RestartLoopIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int RESTARTS = 20;
  private static final String NAME = "loop";

  private Path directory;
  private EmbeddedDaemon daemon;
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicBoolean enough = new AtomicBoolean();
  private final List<String> snapshots = new ArrayList<>();
  private final List<String> jobs = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    // Not JUnit's own directory: a socket's path has a limit that its names come close to.
    directory = Files.createTempDirectory("drover-");
    Process made =
        new ProcessBuilder("qemu-img", "create", "-q", "-f", "qcow2", base(), "64M")
            .redirectErrorStream(true)
            .start();
    String output = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(made.onExit().join().exitValue()).as(output).isZero();
    daemon = daemon();
  }

  @AfterEach
  void end() throws IOException {
    try (Drover drover = connect()) {
      drover.domains().list().stream()
          .filter(domain -> domain.getStatus().getState() != DomainState.DOMAIN_STATE_SHUT_OFF)
          .forEach(domain -> drover.domain(domain.getSpec().getName()).destroy());
    } finally {
      daemon.close();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private EmbeddedDaemon daemon() {
    return EmbeddedDaemon.in(directory, new QemuDriverProvider()).onSocket(socket());
  }

  private Path socket() {
    return directory.resolve("droverd.sock");
  }

  private String base() {
    return directory.resolve("base.qcow2").toString();
  }

  private Drover connect() {
    return Drover.builder()
        .uri("qemu+unix:///session?socket=" + socket())
        .deadline(PATIENCE)
        .reconnectFor(PATIENCE)
        .build();
  }

  @Test
  void everyCallIsDoneOnceWhileTheDaemonRestarts() throws Exception {
    try (Drover drover = connect()) {
      drover.domains().define(spec());
      CompletableFuture<Void> loop =
          CompletableFuture.runAsync(
              () -> loop(drover), Executors.newVirtualThreadPerTaskExecutor());

      for (int restart = 0; restart < RESTARTS; restart++) {
        int seen = calls.get();
        Awaitility.await("the client goes on")
            .atMost(PATIENCE)
            .until(() -> calls.get() > seen || loop.isDone());
        daemon.close();
        daemon = daemon();
      }
      enough.set(true);
      loop.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

      assertThat(drover.domain(NAME).snapshots())
          .extracting(Snapshot::getName)
          .containsExactlyInAnyOrderElementsOf(snapshots);
      assertThat(drover.jobs().list(JobFilter.getDefaultInstance()))
          .allSatisfy(job -> assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED))
          .extracting(Job::getId)
          .containsExactlyInAnyOrderElementsOf(jobs);
      assertThat(drover.domain(NAME).get().getSpec().getDisks(0).getSource().getPath())
          .isEqualTo(base());
    }
  }

  private void loop(Drover drover) {
    DomainHandle domain = drover.domain(NAME);
    while (!enough.get()) {
      domain.start();
      calls.incrementAndGet();
      String snapshot = "s" + snapshots.size();
      domain.snapshot(CreateSnapshotRequest.newBuilder().setName(snapshot));
      snapshots.add(snapshot);
      calls.incrementAndGet();
      try (JobHandle job =
          domain
              .disk("vda")
              .commit()
              .active()
              .thenComplete(JobCompletion.JOB_COMPLETION_PIVOT)
              .start()) {
        jobs.add(job.id());
        calls.incrementAndGet();
        job.await(PATIENCE);
        calls.incrementAndGet();
      }
      domain.destroy();
      calls.incrementAndGet();
    }
  }

  private DomainSpec spec() {
    return DomainSpec.newBuilder()
        .setName(NAME)
        .setMemoryBytes(64L << 20)
        .addDisks(
            Disk.newBuilder()
                .setTarget("vda")
                .setSource(
                    Image.newBuilder().setPath(base()).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)))
        .build();
  }
}
