package dev.drover.qemu.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With shells in place of QEMU, as nothing here depends on which program runs. */
@Timeout(60)
class QemuProcessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path directory;

  private QemuProcess shell(String script) throws IOException {
    return QemuProcess.spawn(
        new SpawnSpec(List.of("/bin/sh", "-c", script), directory, directory.resolve("out")));
  }

  @Test
  void exitCodeAndOutputAreKnown() throws Exception {
    QemuProcess process = shell("echo to-output; echo to-error >&2; exit 3");
    ProcessExit exit = process.awaitExit(PATIENCE).orElseThrow();
    assertThat(exit.exitCode()).isEqualTo(OptionalInt.of(3));
    assertThat(exit.outputTail()).isEqualTo("to-output\nto-error\n");
    assertThat(exit.describe()).isEqualTo("it ended with exit code 3");
    assertThat(process.isAlive()).isFalse();
  }

  @Test
  void theTailIsBoundedAndBeginsWithAWholeLine() throws Exception {
    QemuProcess process = shell("i=0; while [ $i -lt 2000 ]; do echo line-$i; i=$((i+1)); done");
    ProcessExit exit = process.awaitExit(PATIENCE).orElseThrow();
    assertThat(exit.outputTail().length()).isLessThanOrEqualTo(4096).isGreaterThan(3000);
    assertThat(exit.outputTail()).startsWith("line-").endsWith("line-1999\n");
  }

  @Test
  void theProcessHasASessionOfItsOwnAndNoneOfTheEnvironment() throws Exception {
    QemuProcess process = shell("cut -d' ' -f6 /proc/$$/stat; echo $$; env | grep -c HOME=");
    ProcessExit exit = process.awaitExit(PATIENCE).orElseThrow();
    String pid = Long.toString(process.pid());
    assertThat(exit.outputTail().lines()).containsExactly(pid, pid, "0");
  }

  @Test
  void aStartIsOverWithThePidFileAndWhenNothingIsLeftToDo() throws Exception {
    Path pidFile = directory.resolve("pid");
    QemuProcess process =
        shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo $$ > pid; exec sleep 60");

    process.awaitStart(pidFile, PATIENCE);

    assertThat(pidFile).exists();
    assertThat(ProcStat.readThreads(process.pid())).isNotEmpty().allMatch(ProcStat::sleeps);
    process.kill();
    assertThat(ProcStat.readThreads(process.pid())).isEmpty();
  }

  @Test
  void theWaitForAStartEndsWithTheProcess() throws Exception {
    QemuProcess process = shell("exit 1");

    process.awaitStart(directory.resolve("pid"), PATIENCE);

    assertThat(process.isAlive()).isFalse();
  }

  @Test
  void theIdentityIsOnDisk() throws Exception {
    QemuProcess process = shell("exec sleep 60");
    try {
      assertThat(ProcessIdentity.read(directory.resolve(QemuProcess.IDENTITY_FILE)))
          .contains(process.identity());
      assertThat(process.identity().isAlive()).isTrue();
    } finally {
      process.kill();
    }
  }

  @Test
  void terminateKillsWhatIgnoresTheRequest() throws Exception {
    QemuProcess process = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
    await().until(() -> process.outputTail().contains("ready"));
    ProcessExit exit = process.terminate(Duration.ofMillis(200)).orElseThrow();
    assertThat(exit.exitCode()).isEqualTo(OptionalInt.of(128 + 9));
    assertThat(exit.describe()).isEqualTo("signal 9 ended it");
  }

  @Test
  void terminateLetsAProcessEndByItself() throws Exception {
    QemuProcess process = shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done");
    await().until(() -> process.outputTail().contains("ready"));
    assertThat(process.terminate(PATIENCE).orElseThrow().exitCode()).isEqualTo(OptionalInt.of(7));
  }

  // R27
  @Test
  void anAdoptedProcessIsWatchedAndItsEndHasNoExitCode() throws Exception {
    QemuProcess original = shell("echo hello; exec sleep 60");
    try (ScheduledExecutorService poller = Executors.newSingleThreadScheduledExecutor()) {
      QemuProcess adopted =
          QemuProcess.adopt(
                  original.identity(), directory.resolve("out"), poller, Duration.ofMillis(20))
              .orElseThrow();
      assertThat(adopted.isAlive()).isTrue();
      await().until(() -> adopted.outputTail().equals("hello\n"));
      original.kill();
      assertThat(adopted.exit())
          .succeedsWithin(PATIENCE)
          .isEqualTo(new ProcessExit(OptionalInt.empty(), "hello\n"));
      assertThat(
              QemuProcess.adopt(
                  original.identity(), directory.resolve("out"), poller, Duration.ofMillis(20)))
          .isEmpty();
    } finally {
      original.kill();
    }
  }

  @Test
  void anAdoptedProcessCanBeTerminated() throws Exception {
    QemuProcess original = shell("exec sleep 60");
    try (ScheduledExecutorService poller = Executors.newSingleThreadScheduledExecutor()) {
      QemuProcess adopted =
          QemuProcess.adopt(
                  original.identity(), directory.resolve("out"), poller, Duration.ofHours(1))
              .orElseThrow();
      assertThat(adopted.terminate(PATIENCE)).isPresent();
      assertThat(original.awaitExit(PATIENCE).orElseThrow().exitCode())
          .isEqualTo(OptionalInt.of(128 + 15));
    } finally {
      original.kill();
    }
  }

  @Test
  void theOutputOfTheRunBeforeIsKeptAside() throws Exception {
    assertThat(shell("echo first").awaitExit(PATIENCE)).isPresent();
    ProcessExit second = shell("echo second").awaitExit(PATIENCE).orElseThrow();
    assertThat(second.outputTail()).isEqualTo("second\n");
    assertThat(directory.resolve("out.1")).hasContent("first\n");
  }

  @Test
  void aMissingProgramIsToldAtOnceAndLeavesNothing() throws IOException {
    SpawnSpec spec =
        new SpawnSpec(List.of("/nonexistent/qemu"), directory, directory.resolve("out"));
    assertThatThrownBy(() -> QemuProcess.spawn(spec))
        .isInstanceOf(IOException.class)
        .hasMessage("/nonexistent/qemu does not exist");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }
}
