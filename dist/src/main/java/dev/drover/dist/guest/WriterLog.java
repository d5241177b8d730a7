package dev.drover.dist.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the guest's writer said on its console.
 *
 * @param slots how many slots the writer uses
 * @param stride distance between two slots in bytes
 * @param lastAcknowledged for each slot that has any, its highest acknowledged sequence
 * @param refused slots whose latest write the disk refused; nothing is promised about them
 * @param acknowledged number of acknowledged writes
 * @param checksum what the guest itself read from its disk before it powered off, if it got there
 */
record WriterLog(
    int slots,
    long stride,
    Map<Integer, Long> lastAcknowledged,
    SequencedSet<Integer> refused,
    long acknowledged,
    Optional<Checksum> checksum) {

  /**
   * The guest's own checksum of its disk.
   *
   * @param sha256 lower-case hexadecimal
   * @param bytes how many bytes from the start of the disk it covers
   */
  record Checksum(String sha256, long bytes) {}

  // A line cut short by a killed QEMU has no line end and must not count: its number may be cut
  // too.
  private static final Pattern LINE = Pattern.compile("([^\\r\\n]*)\\r*\\n");
  private static final Pattern WRITER =
      Pattern.compile("WRITER boot=\\d+ slots=(\\d+) stride=(\\d+) record=" + GuestRecord.BYTES);
  private static final Pattern ACK = Pattern.compile("ACK (\\d+)");
  private static final Pattern WRITE_ERROR = Pattern.compile("WRITE-ERROR (\\d+)\\b.*");
  private static final Pattern CHECKSUM =
      Pattern.compile("CHECKSUM sha256 ([0-9a-f]{64}) bytes (\\d+)");

  /**
   * Reads a console log.
   *
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if it acknowledges a write before it says how the writer
   *     works, or if two boots used different slots
   */
  static WriterLog read(Path consoleLog) throws IOException {
    return parse(Files.readString(consoleLog, StandardCharsets.ISO_8859_1));
  }

  /** {@link #read} for a log in memory. */
  static WriterLog parse(String consoleLog) {
    int slots = 0;
    long stride = 0;
    long acknowledged = 0;
    Map<Integer, Long> last = new TreeMap<>();
    SequencedSet<Integer> refused = new TreeSet<>();
    Optional<Checksum> checksum = Optional.empty();
    Matcher lines = LINE.matcher(consoleLog);
    while (lines.find()) {
      String line = lines.group(1);
      Matcher writer = WRITER.matcher(line);
      Matcher ack = ACK.matcher(line);
      Matcher error = WRITE_ERROR.matcher(line);
      Matcher sum = CHECKSUM.matcher(line);
      if (writer.matches()) {
        int nowSlots = Integer.parseInt(writer.group(1));
        long nowStride = Long.parseLong(writer.group(2));
        if (slots != 0 && (slots != nowSlots || stride != nowStride)) {
          throw new IllegalArgumentException(
              "two boots used different slots; their records cannot be checked together: " + line);
        }
        slots = nowSlots;
        stride = nowStride;
        checksum = Optional.empty();
      } else if (ack.matches()) {
        if (slots == 0) {
          throw new IllegalArgumentException("no WRITER line before '" + line + "'");
        }
        long sequence = Long.parseLong(ack.group(1));
        int slot = GuestRecord.slot(sequence, slots);
        last.merge(slot, sequence, Math::max);
        refused.remove(slot);
        acknowledged++;
      } else if (error.matches() && slots != 0) {
        refused.add(GuestRecord.slot(Long.parseLong(error.group(1)), slots));
      } else if (sum.matches()) {
        checksum = Optional.of(new Checksum(sum.group(1), Long.parseLong(sum.group(2))));
      }
    }
    return new WriterLog(slots, stride, last, refused, acknowledged, checksum);
  }
}
