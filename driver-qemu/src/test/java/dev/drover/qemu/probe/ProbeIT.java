package dev.drover.qemu.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.qemu.process.ProcessIdentity;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.process.SpawnSpec;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.spi.activity.Activities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("qemu")
@Timeout(180)
class ProbeIT {
  @TempDir Path directory;
  private QmpEventLoop loop;

  @BeforeEach
  void start() {
    loop = new QmpEventLoop(Activities.UNOBSERVED);
  }

  @AfterEach
  void stop() {
    loop.close();
  }

  private QemuProbe probe() throws IOException {
    return new QemuProbe(loop, directory.resolve("run"), directory.resolve("cache"));
  }

  private Path script(String text) throws IOException {
    Path file = directory.resolve("fake-binary");
    Files.writeString(file, "#!/bin/sh\n" + text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private void assertNothingLeftRunning() throws IOException {
    try (Stream<Path> left = Files.list(directory.resolve("run"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aRealQemuTellsItsMachinesModelsAndSchema() throws Exception {
    QemuCapabilities capabilities = probe().capabilities(QemuBinary.find());
    assertThat(capabilities.hasMachine("q35")).isTrue();
    assertThat(capabilities.hasMachine("toaster")).isFalse();
    assertThat(capabilities.hasCpuModel("qemu64")).isTrue();
    assertThat(capabilities.schema().hasCommand("block-commit")).isTrue();
    assertThat(capabilities.version().major()).isGreaterThanOrEqualTo(7);
    assertNothingLeftRunning();
  }

  @Test
  void answersAreKeptOnDiskUntilTheBinaryChanges() throws Exception {
    Path marker = directory.resolve("starts");
    Path binary = script("echo x >> %s\nexec %s \"$@\"\n".formatted(marker, QemuBinary.find()));
    QemuProbe first = probe();
    QemuCapabilities asked = first.capabilities(binary);
    assertThat(first.capabilities(binary)).isSameAs(asked);
    QemuCapabilities kept = probe().capabilities(binary);
    assertThat(kept.machines()).isEqualTo(asked.machines());
    assertThat(kept.schema().hasCommand("block-commit")).isTrue();
    assertThat(marker).hasContent("x\n");
    Files.writeString(binary, Files.readString(binary) + "# another build\n");
    probe().capabilities(binary);
    assertThat(marker).hasContent("x\nx\n");
  }

  @Test
  void aDamagedCacheIsWrittenAnew() throws Exception {
    probe().capabilities(QemuBinary.find());
    Path file;
    try (Stream<Path> files = Files.list(directory.resolve("cache"))) {
      file = files.findFirst().orElseThrow();
    }
    long size = Files.size(file);
    Files.writeString(file, "{\"format\": 1, ");
    assertThat(probe().capabilities(QemuBinary.find()).hasMachine("q35")).isTrue();
    assertThat(Files.size(file)).isEqualTo(size);
  }

  @Test
  void aBinaryThatIsNotQemuIsExplainedByItsOutput() throws Exception {
    Path binary = script("echo no such option >&2; exit 4\n");
    assertThatThrownBy(() -> probe().capabilities(binary))
        .isInstanceOf(ProbeFailedException.class)
        .hasMessageContaining("exit code 4")
        .hasMessageContaining("no such option");
    assertThatThrownBy(() -> probe().capabilities(directory.resolve("missing")))
        .isInstanceOf(ProbeFailedException.class)
        .hasMessageContaining("missing");
    assertNothingLeftRunning();
  }

  @Test
  void aProbeThatAnEarlierDaemonLeftIsEnded() throws Exception {
    Path left = Files.createDirectories(directory.resolve("run").resolve("probe-left"));
    QemuProcess orphan =
        QemuProcess.spawn(new SpawnSpec(List.of("/bin/sleep", "60"), left, left.resolve("output")));
    ProcessIdentity identity = orphan.identity();
    assertThat(identity.isAlive()).isTrue();
    probe();
    assertThat(orphan.awaitExit(Duration.ofSeconds(20))).isPresent();
    assertNothingLeftRunning();
  }

  // R25
  @Test
  void theProbeGuestFinishesUnderEmulation() throws Exception {
    Duration limit = Duration.ofSeconds(60);
    AccelerationProbe probe = new AccelerationProbe(directory.resolve("run"), limit);
    assertThat(probe.run(QemuBinary.find(), "tcg", limit))
        .isInstanceOf(AccelerationProbe.Finished.class);
    assertNothingLeftRunning();
  }

  // R25
  @Test
  void kvmIsDecidedWithinTheLimitAndTheAnswerIsKept() throws Exception {
    AccelerationProbe probe =
        new AccelerationProbe(directory.resolve("run"), AccelerationProbe.DEFAULT_LIMIT);
    Acceleration acceleration = probe.acceleration(QemuBinary.find());
    switch (acceleration) {
      case Acceleration.Kvm kvm ->
          assertThat(kvm.took()).isLessThan(AccelerationProbe.DEFAULT_LIMIT.plusSeconds(5));
      case Acceleration.Tcg tcg -> assertThat(tcg.reason()).contains("kvm");
    }
    assertThat(probe.acceleration(QemuBinary.find())).isSameAs(acceleration);
    assertNothingLeftRunning();
  }

  // R25
  @Test
  void kvmThatFallsFarBehindEmulationIsNotUsed() throws Exception {
    AccelerationProbe probe =
        new AccelerationProbe(directory.resolve("run"), Duration.ofSeconds(60));
    Acceleration acceleration =
        probe.acceleration(
            script("case \"$*\" in *'-accel tcg'*) exit 41;; *) exec sleep 600;; esac\n"));
    assertThat(acceleration)
        .isInstanceOfSatisfying(
            Acceleration.Tcg.class,
            tcg ->
                assertThat(tcg.reason())
                    .startsWith("kvm is present but not usable")
                    .contains("while emulation took"));
    assertNothingLeftRunning();
  }

  // R25
  @Test
  void aGuestThatHangsIsKilledAndTheReasonSaysSo() throws Exception {
    AccelerationProbe probe =
        new AccelerationProbe(directory.resolve("run"), Duration.ofMillis(200));
    Acceleration acceleration = probe.acceleration(script("exec sleep 600\n"));
    assertThat(acceleration)
        .isInstanceOfSatisfying(
            Acceleration.Tcg.class,
            tcg -> assertThat(tcg.reason()).contains("did not finish within 200 ms"));
    assertNothingLeftRunning();
  }
}
