package dev.drover.conformance.world;

import java.util.HexFormat;

/**
 * A kernel of a hundred bytes, so that a case needs no guest's software: it prints its command
 * line, a line feed and its first module, which is the initial RAM disk, on the first serial port
 * and halts. It is made for the Multiboot protocol, which QEMU's direct start on x86 knows.
 */
final class TellingKernel {

  private static final HexFormat HEX = HexFormat.of();

  /** Magic, flags (addresses are given), checksum, then the addresses: all of it at 1 MiB. */
  private static final String HEADER =
      "02b0ad1b"
          + "00000100"
          + "fe4f51e4"
          + "00001000"
          + "00001000"
          + "00000000"
          + "00000000"
          + "20001000";

  /** What follows begins with the address of Multiboot's information in ebx. */
  private static final String CODE =
      // mov $0x3f8, %edx; mov 16(%ebx), %esi: the serial port, and the command line
      "baf80300008b7310"
          // lodsb; test %al, %al; jz 2; out %al, (%dx); jmp -8: up to its end
          + "ac84c07403eeebf8"
          // mov $10, %al; out %al, (%dx): a line feed
          + "b00aee"
          // cmpl $0, 20(%ebx); jz: to the end where there is no module
          + "837b14007410"
          // mov 24(%ebx), %ecx; mov 4(%ecx), %edi; mov (%ecx), %esi: the module's bounds
          + "8b4b188b79048b31"
          // cmp %edi, %esi; jae 4; lodsb; out %al, (%dx); jmp -8: up to its end
          + "39fe7304aceeebf8"
          // cli; hlt; jmp -4
          + "faf4ebfc";

  private TellingKernel() {}

  /** The file. */
  static byte[] image() {
    return HEX.parseHex(HEADER + CODE);
  }
}
