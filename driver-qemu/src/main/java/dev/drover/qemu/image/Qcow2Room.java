package dev.drover.qemu.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;

/**
 * How much room a qcow2 image takes at the least that {@link ImageTool} makes. What {@code qemu-img
 * measure} calls required is more: it counts the tables of a disk that is full, which are hundreds
 * of megabytes for an empty one of some terabytes.
 */
public final class Qcow2Room {

  /** QEMU's default, which images are made with. */
  private static final long CLUSTER = 64 << 10;

  /** Clusters that a table of the second level tells of; a table takes one cluster. */
  private static final long TABLE_ENTRIES = CLUSTER / Long.BYTES;

  /** Clusters that a block of reference counts tells of; a block takes one cluster. */
  private static final long BLOCK_ENTRIES = CLUSTER / Short.BYTES;

  private static final ObjectMapper mapper = new ObjectMapper();

  private Qcow2Room() {}

  /**
   * The room that an image of a disk takes.
   *
   * @param virtualSizeBytes size of the disk
   * @param dataBytes how much of it is data
   */
  public static long least(long virtualSizeBytes, long dataBytes) {
    long data = parts(dataBytes, CLUSTER);
    long tables = parts(data, TABLE_ENTRIES);
    long firstLevel = parts(parts(parts(virtualSizeBytes, CLUSTER), TABLE_ENTRIES), TABLE_ENTRIES);
    long headerAndCountTable = 2;
    long counted = headerAndCountTable + firstLevel + tables + data;
    return (counted + parts(counted, BLOCK_ENTRIES)) * CLUSTER;
  }

  /** The same by what {@code qemu-img measure} prints. */
  static long ofMeasure(String printed, long virtualSizeBytes) {
    try {
      JsonNode measured = mapper.readTree(printed);
      long required = measured.required("required").asLong();
      long full = measured.required("fully-allocated").asLong();
      long tablesOfAll = full - parts(virtualSizeBytes, CLUSTER) * CLUSTER;
      return least(virtualSizeBytes, required - tablesOfAll);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED,
          "the image tool's measure printed something else than a measure: " + printed.strip(),
          "command",
          "measure");
    }
  }

  private static long parts(long whole, long size) {
    return (whole + size - 1) / size;
  }
}
