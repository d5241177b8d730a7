package dev.drover.qemu.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The second run of the tests on real QEMU does not silently take the same QEMU again. */
@Tag("qemu")
class Qemu10IT {

  @Test
  void theProgramsComeFromTheDirectoryOfQemu10() {
    Optional<String> home = Optional.ofNullable(System.getenv("DROVER_QEMU_10"));

    assertThat(home)
        .as("DROVER_QEMU_10 is to be set to the directory that bin/qemu-10 prints")
        .isPresent();
    assertThat(QemuBinary.find()).isEqualTo(Path.of(home.orElseThrow(), "bin/qemu-system-x86_64"));
  }
}
