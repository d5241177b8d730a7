package dev.drover.dist.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyGuestDiskTest {
  private static final int SLOTS = 16;
  private static final int STRIDE = 8192;
  private static final String WRITER = "WRITER boot=1 slots=16 stride=8192 record=4096\r\n";
  private static final long FIRST = 1_001_000_001L;

  @TempDir Path directory;
  private Path image;

  @BeforeEach
  void emptyDisk() throws IOException {
    image = directory.resolve("disk.raw");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((SLOTS + 1) * STRIDE);
    }
  }

  @Test
  void aRecordIsWhatTheGuestWrote() {
    // Read from the disk of a booted guest.
    String line = "drover 1004000001 slot 101007 mark 2820586422 -----------------\n";

    assertThat(GuestRecord.content(1_004_000_001L, 1024))
        .asString(StandardCharsets.US_ASCII)
        .isEqualTo(line.repeat(64))
        .hasSize(GuestRecord.BYTES);
  }

  @Test
  void everythingAcknowledgedAndThereIsNoLoss() throws IOException {
    write(FIRST);
    write(FIRST + 1);

    assertThat(verify(WRITER + ack(FIRST) + ack(FIRST + 1)).losses()).isEmpty();
  }

  @Test
  void aLaterRecordInTheSamePlaceIsNoLoss() throws IOException {
    write(FIRST + SLOTS);

    VerifyGuestDisk.Verdict verdict = verify(WRITER + ack(FIRST));

    assertThat(verdict.losses()).isEmpty();
    assertThat(verdict.later()).isEqualTo(1);
  }

  @Test
  void anOlderRecordThanTheAcknowledgedOneIsALoss() throws IOException {
    write(FIRST);

    assertThat(verify(WRITER + ack(FIRST) + ack(FIRST + SLOTS)).losses())
        .singleElement()
        .asString()
        .contains("holds " + FIRST, (FIRST + SLOTS) + " was acknowledged");
  }

  @Test
  void aTornRecordIsALoss() throws IOException {
    write(FIRST);
    overwrite(GuestRecord.offset(GuestRecord.slot(FIRST, SLOTS), STRIDE) + 2048, new byte[512]);

    assertThat(verify(WRITER + ack(FIRST)).losses())
        .singleElement()
        .asString()
        .contains("no whole record");
  }

  @Test
  void aRecordInThePlaceOfAnotherIsALoss() throws IOException {
    overwrite(
        GuestRecord.offset(GuestRecord.slot(FIRST, SLOTS), STRIDE),
        GuestRecord.content(FIRST + 1, SLOTS));

    assertThat(verify(WRITER + ack(FIRST)).losses()).hasSize(1);
  }

  @Test
  void anAcknowledgementCutShortPromisesNothing() {
    WriterLog log = WriterLog.parse(WRITER + ack(FIRST) + "ACK 10010");

    assertThat(log.acknowledged()).isEqualTo(1);
  }

  @Test
  void aRefusedWritePromisesNothingUntilTheNextOneInItsPlace() {
    String refused = "WRITE-ERROR " + (FIRST + SLOTS) + " dd: error writing: I/O error\r\n";

    assertThat(WriterLog.parse(WRITER + ack(FIRST) + refused).refused())
        .containsExactly(GuestRecord.slot(FIRST, SLOTS));
    assertThat(WriterLog.parse(WRITER + ack(FIRST) + refused + ack(FIRST + 2 * SLOTS)).refused())
        .isEmpty();
  }

  @Test
  void theGuestsOwnChecksumMustMatchTheWholeImage() throws Exception {
    write(FIRST);
    byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(image));
    String line =
        "CHECKSUM sha256 %s bytes %d\r\n"
            .formatted(HexFormat.of().formatHex(sha256), Files.size(image));

    assertThat(verify(WRITER + ack(FIRST) + line).losses()).isEmpty();

    overwrite(STRIDE - 1, new byte[] {1});
    assertThat(verify(WRITER + ack(FIRST) + line).losses())
        .singleElement()
        .asString()
        .contains("the guest read a disk with sha256");
  }

  @Test
  void anAcknowledgementWithoutAWriterIsRefused() {
    assertThatThrownBy(() -> WriterLog.parse(ack(FIRST)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no WRITER line");
  }

  private VerifyGuestDisk.Verdict verify(String log) throws IOException {
    return VerifyGuestDisk.verify(WriterLog.parse(log), image);
  }

  private void write(long sequence) throws IOException {
    overwrite(
        GuestRecord.offset(GuestRecord.slot(sequence, SLOTS), STRIDE),
        GuestRecord.content(sequence, SLOTS));
  }

  private void overwrite(long offset, byte[] content) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.seek(offset);
      file.write(content);
    }
  }

  private static String ack(long sequence) {
    return "ACK " + sequence + "\r\n";
  }
}
