package dev.drover.qemu;

import static org.awaitility.Awaitility.await;

import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SerialConsole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/**
 * A guest of one boot sector that counts in its memory, at address 0x8000 from 0, and says each
 * number on the serial port as a line of four letters from A for 0 to P for 15. A guest that starts
 * anew begins at 1; only one that has its memory back goes on.
 */
final class CountingGuest {

  private static final String CODE =
      "fa 31c0 8ed8 c706 0080 0000"
          // Count, and take the number apart from its highest four bits down.
          + " ff06 0080 8b1e 0080 b90400"
          + " c1c304 88d8 240f 0441 baf803 ee e2f1"
          // End the line, wait a little, and again.
          + " b00a ee 66b9 0000 2000 6649 75fc ebd7";

  /** SeaBIOS does not boot from a disk of one sector. */
  private static final int DISK_BYTES = 1 << 20;

  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int LINE = 5;

  private final QemuWorld world;
  private final String name;

  private CountingGuest(QemuWorld world, String name) {
    this.world = world;
    this.name = name;
  }

  /** Defines it as a domain whose disk vda it boots from. */
  static CountingGuest define(QemuWorld world, String name) {
    byte[] disk = new byte[DISK_BYTES];
    byte[] program = HexFormat.of().parseHex(CODE.replace(" ", ""));
    System.arraycopy(program, 0, disk, 0, program.length);
    disk[510] = 0x55;
    disk[511] = (byte) 0xaa;
    Path image = world.images().resolve(name + ".raw");
    try {
      Files.write(image, disk);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    DomainSpec spec =
        QemuWorld.spec(name).toBuilder()
            .addDisks(QemuWorld.disk("vda", image, ImageFormat.IMAGE_FORMAT_RAW))
            .addSerialConsoles(SerialConsole.getDefaultInstance())
            .build();
    var _ = world.define(spec);
    return new CountingGuest(world, name);
  }

  /** The whole numbers it has said in this run of QEMU; the first may be said in part only. */
  List<Integer> numbers() {
    Domain domain = world.get(name);
    try {
      String said =
          Files.readString(
              Path.of(domain.getStatus().getSerialLogPaths(0)), StandardCharsets.ISO_8859_1);
      return said.lines()
          .filter(line -> line.length() == LINE - 1)
          .limit(said.length() / LINE)
          .map(CountingGuest::number)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it has said a number beyond this one, and gives the last. */
  int awaitBeyond(int number) {
    await().atMost(PATIENCE).until(() -> !numbers().isEmpty() && numbers().getLast() > number);
    return numbers().getLast();
  }

  private static int number(String line) {
    int number = 0;
    for (int i = 0; i < line.length(); i++) {
      number = number * 16 + (line.charAt(i) - 'A');
    }
    return number;
  }
}
