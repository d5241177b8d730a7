package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import org.junit.jupiter.api.Test;

/** R11: what a qcow2 image takes at the least. */
final class Qcow2RoomTest {

  private static final long CLUSTER = 65536;

  @Test
  void anEmptyImageTakesItsHeaderAndFirstTables() {
    assertThat(Qcow2Room.least(8 << 20, 0)).isEqualTo(4 * CLUSTER);
    assertThat(Qcow2Room.least(0, 0)).isEqualTo(3 * CLUSTER);
  }

  @Test
  void anEmptyDiskOfTerabytesTakesNoTablesForWhatItDoesNotHold() {
    assertThat(Qcow2Room.least(4L << 40, 0)).isEqualTo(4 * CLUSTER);
    assertThat(Qcow2Room.least(8L << 40, 0)).isEqualTo(5 * CLUSTER);
  }

  @Test
  void dataTakesTablesToo() {
    assertThat(Qcow2Room.least(8 << 20, 1)).isEqualTo((4 + 1 + 1) * CLUSTER);
    assertThat(Qcow2Room.least(1 << 30, 8192 * CLUSTER)).isEqualTo((4 + 1 + 8192) * CLUSTER);
    assertThat(Qcow2Room.least(1 << 30, 8192 * CLUSTER + 1)).isEqualTo((4 + 2 + 8193) * CLUSTER);
  }

  @Test
  void aMeasureIsTakenByItsDataAlone() {
    assertThat(Qcow2Room.ofMeasure(measure(2424832, 8716288), 8 << 20))
        .isEqualTo(Qcow2Room.least(8 << 20, 2 << 20));
    assertThat(Qcow2Room.ofMeasure(measure(671350784, 4398717861888L), 4L << 40))
        .isEqualTo(Qcow2Room.least(4L << 40, 0));
  }

  @Test
  void whatIsNoMeasureIsRefused() {
    assertThatThrownBy(() -> Qcow2Room.ofMeasure("{\"required\": 1}", 0))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("required");
    assertThatThrownBy(() -> Qcow2Room.ofMeasure("warning", 0)).isInstanceOf(DriverException.class);
  }

  private static String measure(long required, long full) {
    return "{\"required\": %d, \"fully-allocated\": %d}".formatted(required, full);
  }
}
