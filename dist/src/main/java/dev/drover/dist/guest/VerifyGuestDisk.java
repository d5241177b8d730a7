package dev.drover.dist.guest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Proves that a disk holds every write that the tiny guest was told is durable.
 *
 * <p>Usage: {@code VerifyGuestDisk CONSOLE-LOG RAW-IMAGE}. While the guest runs, copy the log
 * before the disk, so that whatever it acknowledges is on the disk already. Exit code: 0 everything
 * is there, 1 something was lost, 2 nothing could be verified.
 */
public final class VerifyGuestDisk {
  private static final Pattern FIRST_LINE = Pattern.compile("drover (\\d{10}) slot \\d{6} mark .*");
  private static final int SHOWN_LOSSES = 10;

  private VerifyGuestDisk() {}

  /**
   * What was found.
   *
   * @param losses one sentence for each promise that was not kept
   * @param later slots that hold a record newer than their last acknowledged one
   * @param sha256 of the verified records, in the order of their slots
   */
  record Verdict(List<String> losses, int later, String sha256) {}

  /** Runs the check and exits; see the class comment for arguments and exit codes. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) {
    if (arguments.length != 2) {
      System.err.println("usage: VerifyGuestDisk CONSOLE-LOG RAW-IMAGE");
      return 2;
    }
    try {
      WriterLog log = WriterLog.read(Path.of(arguments[0]));
      if (log.acknowledged() == 0) {
        System.err.println("error: " + arguments[0] + " acknowledges no write: nothing to verify");
        return 2;
      }
      return report(log, verify(log, Path.of(arguments[1])));
    } catch (IOException | IllegalArgumentException e) {
      System.err.println("error: " + e);
      return 2;
    }
  }

  private static int report(WriterLog log, Verdict verdict) {
    verdict.losses().stream()
        .limit(SHOWN_LOSSES)
        .forEach(loss -> System.out.println("LOST: " + loss));
    System.out.printf(
        "%d acknowledged writes in %d places: %s (holding a still later write: %d)%n",
        log.acknowledged(),
        log.lastAcknowledged().size(),
        verdict.losses().isEmpty() ? "every one is there" : verdict.losses().size() + " lost",
        verdict.later());
    if (!log.refused().isEmpty()) {
      System.out.printf(
          "%d places not judged: their last write was refused%n", log.refused().size());
    }
    System.out.println("sha256 of these records: " + verdict.sha256());
    if (verdict.losses().isEmpty()) {
      log.checksum()
          .ifPresent(
              sum ->
                  System.out.printf(
                      "sha256 of all %d bytes, read by the guest and here: %s%n",
                      sum.bytes(), sum.sha256()));
    }
    return verdict.losses().isEmpty() ? 0 : 1;
  }

  /**
   * Compares every promise of {@code log} with {@code image}.
   *
   * @param image raw view of the guest's disk
   * @throws IOException if the image cannot be read
   */
  static Verdict verify(WriterLog log, Path image) throws IOException {
    List<String> losses = new ArrayList<>();
    MessageDigest digest = sha256();
    int later = 0;
    try (FileChannel channel = FileChannel.open(image)) {
      for (Map.Entry<Integer, Long> promise : log.lastAcknowledged().entrySet()) {
        int slot = promise.getKey();
        if (log.refused().contains(slot)) {
          continue;
        }
        byte[] found = read(channel, GuestRecord.offset(slot, log.stride()), GuestRecord.BYTES);
        digest.update(found);
        OptionalLong sequence = sequenceOf(found, slot, log.slots());
        if (sequence.isEmpty()) {
          losses.add(
              "slot %d: no whole record, %d was acknowledged".formatted(slot, promise.getValue()));
        } else if (sequence.getAsLong() < promise.getValue()) {
          losses.add(
              "slot %d: holds %d, but %d was acknowledged"
                  .formatted(slot, sequence.getAsLong(), promise.getValue()));
        } else if (sequence.getAsLong() > promise.getValue()) {
          later++;
        }
      }
      Optional<String> differs = compareChecksum(log, channel);
      differs.ifPresent(losses::add);
    }
    return new Verdict(List.copyOf(losses), later, HexFormat.of().formatHex(digest.digest()));
  }

  private static OptionalLong sequenceOf(byte[] found, int slot, int slots) {
    Matcher header = FIRST_LINE.matcher(new String(found, 0, 63, US_ASCII));
    if (!header.matches()) {
      return OptionalLong.empty();
    }
    long sequence = Long.parseLong(header.group(1));
    boolean whole =
        GuestRecord.slot(sequence, slots) == slot
            && Arrays.equals(found, GuestRecord.content(sequence, slots));
    return whole ? OptionalLong.of(sequence) : OptionalLong.empty();
  }

  private static Optional<String> compareChecksum(WriterLog log, FileChannel channel)
      throws IOException {
    if (log.checksum().isEmpty()) {
      return Optional.empty();
    }
    WriterLog.Checksum expected = log.checksum().get();
    MessageDigest digest = sha256();
    int chunk = 1 << 20;
    for (long offset = 0; offset < expected.bytes(); offset += chunk) {
      digest.update(read(channel, offset, (int) Math.min(chunk, expected.bytes() - offset)));
    }
    String found = HexFormat.of().formatHex(digest.digest());
    return found.equals(expected.sha256())
        ? Optional.empty()
        : Optional.of(
            "the guest read a disk with sha256 %s, the image has %s"
                .formatted(expected.sha256(), found));
  }

  /** Bytes beyond the end of the image read as zeros, as they would for the guest. */
  private static byte[] read(FileChannel channel, long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
      // Each round reads what the file system gives; the loop ends when full or at the end.
    }
    return buffer.array();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
