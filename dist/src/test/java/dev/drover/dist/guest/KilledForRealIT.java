package dev.drover.dist.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.DiskHandle;
import dev.drover.client.DomainHandle;
import dev.drover.client.Drover;
import dev.drover.client.JobHandle;
import dev.drover.v1.Boot;
import dev.drover.v1.DirectKernelBoot;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.SerialConsole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R1, R2, R8, D12, with nothing made for tests in between: a daemon process, a QEMU process and a
 * booted guest that has each write flushed before it acknowledges it. Daemon, QEMU or both are
 * killed as soon as a client sees a pivoting job in a state. Afterwards the job has ended with the
 * truth, and the stored definition's chain holds every write that was acknowledged. Two cases run
 * always, every one where the environment says {@code DROVER_CRASH=all}.
 */
@Tag("qemu")
@Tag("crash")
class KilledForRealIT {

  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String NAME = "writer";

  private Path directory;
  private RealDaemon daemon;

  enum Kind {
    ACTIVE_COMMIT,
    COPY
  }

  enum Victim {
    DAEMON,
    QEMU,
    BOTH
  }

  static Stream<Arguments> cases() {
    boolean all = "all".equals(System.getenv("DROVER_CRASH"));
    List<Arguments> cases = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (JobState state :
          List.of(
              JobState.JOB_STATE_RUNNING,
              JobState.JOB_STATE_READY,
              JobState.JOB_STATE_PIVOTING,
              JobState.JOB_STATE_FINALIZING,
              JobState.JOB_STATE_SUCCEEDED)) {
        for (Victim victim : Victim.values()) {
          if (all || (victim == Victim.BOTH && state == JobState.JOB_STATE_PIVOTING)) {
            cases.add(Arguments.of(kind, state, victim));
          }
        }
      }
    }
    return cases.stream();
  }

  @BeforeEach
  void start() throws IOException {
    // Not JUnit's own directory: a socket's path has a limit that its names come close to.
    directory = Files.createTempDirectory("drover-");
    daemon = new RealDaemon(directory);
  }

  @AfterEach
  void end() throws IOException {
    try (Drover drover = daemon.connect()) {
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

  @ParameterizedTest(name = "{0} seen {1}: {2} killed")
  @MethodSource("cases")
  void everyAcknowledgedWriteIsThere(Kind kind, JobState state, Victim victim) throws Exception {
    run("qemu-img", "create", "-q", "-f", "qcow2", image("base"), "96M");
    run(
        "qemu-img",
        "create",
        "-q",
        "-f",
        "qcow2",
        "-b",
        image("base"),
        "-F",
        "qcow2",
        image("active"));
    String jobId;
    long before;
    try (Drover drover = daemon.connect()) {
      drover.domains().define(spec());
      DomainHandle domain = drover.domain(NAME);
      long qemu = domain.start().getStatus().getProcessId();
      awaitWrites(40);
      CompletableFuture<Job> killedAt = new CompletableFuture<>();
      try (JobHandle job = begin(kind, domain.disk("vda"))) {
        jobId = job.id();
        var _ =
            job.onProgress(
                now -> {
                  if (now.getState().getNumber() >= state.getNumber() && !killedAt.isDone()) {
                    kill(victim, qemu);
                    killedAt.complete(now);
                  }
                });
        Job struck = killedAt.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(struck.getId()).isEqualTo(jobId);
      }
    }
    before = acknowledged();
    if (victim != Victim.QEMU) {
      daemon.startAgain();
    }
    try (Drover drover = daemon.connect()) {
      Job ended;
      try (JobHandle job = drover.jobs().get(jobId)) {
        ended = job.ended().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
      DomainHandle domain = drover.domain(NAME);
      if (victim == Victim.DAEMON) {
        awaitWrites(before + 20);
        domain.destroy();
      }
      Awaitility.await("the domain is off")
          .atMost(PATIENCE)
          .until(() -> domain.get().getStatus().getState() == DomainState.DOMAIN_STATE_SHUT_OFF);
      Image source = domain.get().getSpec().getDisks(0).getSource();
      assertThat(source.getPath())
          .as("%s", ended)
          .isEqualTo(ended.getResult().getChainAfter(0).getPath());
      assertThat(ended.getState() == JobState.JOB_STATE_SUCCEEDED)
          .isEqualTo(!source.getPath().equals(image("active")));
      assertEveryWriteIsIn(source);

      domain.start();
      awaitWrites(acknowledged() + 10);
    }
  }

  private JobHandle begin(Kind kind, DiskHandle disk) {
    return switch (kind) {
      case ACTIVE_COMMIT ->
          disk.commit().active().thenComplete(JobCompletion.JOB_COMPLETION_PIVOT).start();
      case COPY ->
          disk.copy(
                  Image.newBuilder()
                      .setPath(image("copy"))
                      .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
                      .build())
              .thenComplete(JobCompletion.JOB_COMPLETION_PIVOT)
              .start();
    };
  }

  private void kill(Victim victim, long qemu) {
    switch (victim) {
      case DAEMON -> daemon.kill();
      case QEMU -> killQemu(qemu);
      case BOTH -> {
        daemon.kill();
        killQemu(qemu);
      }
    }
  }

  private static void killQemu(long pid) {
    ProcessHandle.of(pid)
        .ifPresent(
            process -> {
              process.destroyForcibly();
              Awaitility.await("QEMU is gone").atMost(PATIENCE).until(() -> !process.isAlive());
            });
  }

  private void assertEveryWriteIsIn(Image source) throws IOException {
    Path raw = directory.resolve("disk.raw");
    String format =
        switch (source.getFormat()) {
          case IMAGE_FORMAT_QCOW2 -> "qcow2";
          case IMAGE_FORMAT_RAW, IMAGE_FORMAT_UNSPECIFIED, UNRECOGNIZED ->
              throw new AssertionError("not a format of this test: " + source);
        };
    run("qemu-img", "convert", "-f", format, "-O", "raw", source.getPath(), raw.toString());
    VerifyGuestDisk.Verdict verdict = VerifyGuestDisk.verify(WriterLog.read(console()), raw);
    assertThat(verdict.losses()).isEmpty();
    Files.delete(raw);
  }

  private DomainSpec spec() {
    String guest = System.getenv("DROVER_GUEST");
    assertThat(guest).as("DROVER_GUEST names the directory that bin/guest made").isNotNull();
    return DomainSpec.newBuilder()
        .setName(NAME)
        .setMemoryBytes(128L << 20)
        .setBoot(
            Boot.newBuilder()
                .setDirectKernel(
                    DirectKernelBoot.newBuilder()
                        .setKernelPath(guest + "/vmlinuz")
                        .setInitrdPath(guest + "/initrd")
                        .setCommandLine(
                            "console=ttyS0 quiet loglevel=1 panic=-1 drover.writer=1"
                                + " drover.slots=256")))
        .addDisks(
            Disk.newBuilder()
                .setTarget("vda")
                .setSource(
                    Image.newBuilder()
                        .setPath(image("active"))
                        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)))
        .addSerialConsoles(SerialConsole.newBuilder().setLogPath(console().toString()))
        .build();
  }

  private Path console() {
    return directory.resolve("console.log");
  }

  private String image(String name) {
    return directory.resolve(name + ".qcow2").toString();
  }

  private void awaitWrites(long count) {
    Awaitility.await(count + " acknowledged writes")
        .atMost(PATIENCE)
        .until(() -> acknowledged() >= count);
  }

  private long acknowledged() {
    try {
      return Files.exists(console()) ? WriterLog.read(console()).acknowledged() : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.onExit().join().exitValue()).as(output).isZero();
  }
}
