package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.JobCompletion;
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

  @Test
  void whatIsSaidOfACopyIsReadApart() { // G12
    assertThat(DiskSpecs.parse("vda,copy=/far/a,copy-shallow=yes"))
        .isEqualTo(SnapshotDisk.newBuilder().setTarget("vda").build());
    assertThat(CopySpecs.parse("vda,file=/i/one")).isEmpty();
    assertThat(
            CopySpecs.parse(
                "vda,copy=/far/a,,b,copy-shallow=yes,copy-reuse=yes,copy-then=finish,file=/i/one"))
        .contains(
            BlockCopyRequest.newBuilder()
                .setDisk("vda")
                .setDestination(
                    Image.newBuilder()
                        .setPath("/far/a,b")
                        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))
                .setShallow(true)
                .setReuseExternal(true)
                .setAutoComplete(JobCompletion.JOB_COMPLETION_KEEP)
                .build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "vda,copy-format=raw | a copy needs copy=PATH",
        "vda,copy | 'copy' is not one of copy=",
        "vda,copy=/a,copy-depth=2 | 'copy-depth=2' is not one of copy=",
        "vda,copy=/a,copy-shallow=1 | neither yes nor no",
        "vda,copy=/a,copy-then=cancel | neither pivot nor finish",
        "vda,copy=/a,copy-format=vmdk | use raw or qcow2",
      })
  void whatIsNotSupportedOfACopyIsNamed(String text, String message) {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> CopySpecs.parse(text))
        .withMessageContaining(message);
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
        "vda,file= | A path is empty",
      })
  void whatIsNotSupportedIsNamed(String text, String message) {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> DiskSpecs.parse(text))
        .withMessageContaining(message);
  }
}
