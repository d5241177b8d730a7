package dev.drover.qemu.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcStatTest {
  private static final String REST = " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21";

  @Test
  void aNameWithSpacesAndParenthesesDoesNotShiftTheFields() throws IOException {
    assertThat(ProcStat.parse("42 (qemu (a) b) S" + REST)).isEqualTo(new ProcStat('S', 4711, 20));
  }

  @Test
  void aProcessOfWhichOnlyTheExitStatusIsLeftIsDead() throws IOException {
    assertThat(ProcStat.parse("42 (qemu) Z" + REST).isAlive()).isFalse();
    assertThat(ProcStat.parse("42 (qemu) D" + REST).isAlive()).isTrue();
  }

  // R4
  @Test
  void aThreadWithoutMemoryWillNeverRunTheProgramAgain() throws IOException {
    String closing = " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 0 0";
    assertThat(ProcStat.parse("42 (qemu) D" + closing).hasLeft()).isTrue();
    assertThat(ProcStat.parse("42 (qemu) D" + REST).hasLeft()).isFalse();
  }

  @Test
  void somethingElseIsAnError() {
    assertThatThrownBy(() -> ProcStat.parse("42 qemu S 1")).isInstanceOf(IOException.class);
  }

  // R27
  @Test
  void aReusedPidIsAnotherProcess() throws IOException {
    ProcessIdentity self = ProcessIdentity.ofLiving(ProcessHandle.current().pid()).orElseThrow();
    assertThat(self.isAlive()).isTrue();
    assertThat(new ProcessIdentity(self.pid(), self.startTicks() + 1, self.bootId()).isAlive())
        .isFalse();
    assertThat(new ProcessIdentity(self.pid(), self.startTicks(), "0-0").isAlive()).isFalse();
  }

  @Test
  void anIdentityIsReadAsItWasWritten(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("process.identity");
    assertThat(ProcessIdentity.read(file)).isEmpty();
    ProcessIdentity identity = new ProcessIdentity(12, 34, "ab-cd");
    identity.write(file);
    assertThat(ProcessIdentity.read(file)).isEqualTo(Optional.of(identity));
    Files.writeString(file, "pid=12");
    assertThatThrownBy(() -> ProcessIdentity.read(file)).isInstanceOf(IOException.class);
  }
}
