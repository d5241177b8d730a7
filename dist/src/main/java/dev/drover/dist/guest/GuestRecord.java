package dev.drover.dist.guest;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * The text that the guest's writer puts on its disk for one sequence number, as {@code
 * dist/guest/README.md} defines it. Every sector of it names the sequence, so that neither a lost
 * nor a torn sector can pass for a whole record.
 */
final class GuestRecord {
  /** Size of one record in bytes. */
  static final int BYTES = 4096;

  private static final int LINES = 64;

  private GuestRecord() {}

  /** The slot that {@code sequence} is written to when the writer uses {@code slots} of them. */
  static int slot(long sequence, int slots) {
    return (int) (sequence * 7919 % slots);
  }

  /** Where the record of {@code slot} starts, in bytes; the first place holds the boot record. */
  static long offset(int slot, long stride) {
    return (slot + 1L) * stride;
  }

  /** The whole record, exactly {@link #BYTES} long. */
  static byte[] content(long sequence, int slots) {
    long mark = sequence * 48271 % 2147483647 + 1_000_000_000;
    String line =
        "drover %d slot %d mark %d -----------------\n"
            .formatted(sequence, 100_000 + slot(sequence, slots), mark);
    return line.repeat(LINES).getBytes(US_ASCII);
  }
}
