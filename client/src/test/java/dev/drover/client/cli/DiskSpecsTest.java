package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskSpecsTest {
  @Test
  void virshsFormIsRead() {
    assertThat(DiskSpecs.parse("vda,snapshot=external,driver=qcow2,file=/images/a,,b.qcow2"))
        .isEqualTo(
            SnapshotDisk.newBuilder()
                .setTarget("vda")
                .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
                .setOverlay(
                    Image.newBuilder()
                        .setPath("/images/a,b.qcow2")
                        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))
                .build());
    assertThat(DiskSpecs.parse("vdb,snapshot=no"))
        .isEqualTo(
            SnapshotDisk.newBuilder()
                .setTarget("vdb")
                .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)
                .build());
    assertThat(DiskSpecs.parse("vdc"))
        .isEqualTo(SnapshotDisk.newBuilder().setTarget("vdc").build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "vda,snapshot=manual | use external, internal or no",
        "vda,driver=vmdk | use raw or qcow2",
        "vda,stype=block | only file",
        "vda,colour=red | 'colour=red' is not one of",
        "vda,file | 'file' is not one of",
      })
  void whatIsNotSupportedIsNamed(String text, String message) {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> DiskSpecs.parse(text))
        .withMessageContaining(message);
  }
}
