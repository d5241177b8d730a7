package dev.drover.spi.block;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.Disk;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskLookupTest {

  private static final List<Disk> DISKS =
      List.of(
          disk("vda", "/i/a"),
          disk("vdb", "/i/shared"),
          disk("vdc", "/i/shared").toBuilder().setReadOnly(true).build(),
          Disk.newBuilder().setTarget("vdd").build());

  @Test
  void diskIsNamedByTargetOrUnambiguousSource() {
    // B1
    assertThat(DiskLookup.find("guest", DISKS, "vdb").getTarget()).isEqualTo("vdb");
    assertThat(DiskLookup.find("guest", DISKS, "/i/a").getTarget()).isEqualTo("vda");
    DriverException ambiguous =
        refused(
            ErrorReason.ERROR_REASON_DISK_AMBIGUOUS,
            () -> DiskLookup.find("guest", DISKS, "/i/shared"));
    assertThat(ambiguous.metadata()).containsEntry("targets", "vdb, vdc");
    refused(ErrorReason.ERROR_REASON_DISK_NOT_FOUND, () -> DiskLookup.find("guest", DISKS, "vdz"));
    refused(ErrorReason.ERROR_REASON_DISK_NOT_FOUND, () -> DiskLookup.find("guest", DISKS, ""));
  }

  @Test
  void jobsNeedASourceTheyMayWriteTo() {
    // B5
    assertThat(DiskLookup.findWritable("guest", DISKS, "vda").getTarget()).isEqualTo("vda");
    refused(
        ErrorReason.ERROR_REASON_DISK_HAS_NO_SOURCE,
        () -> DiskLookup.findWritable("guest", DISKS, "vdd"));
    refused(
        ErrorReason.ERROR_REASON_DISK_READ_ONLY,
        () -> DiskLookup.findWritable("guest", DISKS, "vdc"));
  }

  @Test
  void bandwidthIsBytesPerSecondOrMebibytes() {
    // C14, A8
    assertThat(Bandwidths.bytesPerSecond(Bandwidth.getDefaultInstance())).isZero();
    assertThat(Bandwidths.bytesPerSecond(Bandwidth.newBuilder().setMebibytesPerSecond(3).build()))
        .isEqualTo(3L << 20);
    assertThat(
            Bandwidths.bytesPerSecond(
                Bandwidth.newBuilder().setMebibytesPerSecond(8796093022207L).build()))
        .isEqualTo(8796093022207L << 20)
        .isPositive();
    assertThat(
            Bandwidths.bytesPerSecond(
                Bandwidth.newBuilder().setBytesPerSecond(Long.MAX_VALUE).build()))
        .isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(longs = {8796093022208L, Long.MAX_VALUE, -1})
  void bandwidthThatOverflowsIsRefused(long mebibytes) {
    refused(
        ErrorReason.ERROR_REASON_OUT_OF_RANGE,
        () ->
            Bandwidths.bytesPerSecond(
                Bandwidth.newBuilder().setMebibytesPerSecond(mebibytes).build()));
    refused(
        ErrorReason.ERROR_REASON_OUT_OF_RANGE,
        () -> Bandwidths.bytesPerSecond(Bandwidth.newBuilder().setBytesPerSecond(-1).build()));
  }

  private static Disk disk(String target, String path) {
    return Disk.newBuilder().setTarget(target).setSource(Image.newBuilder().setPath(path)).build();
  }
}
