package dev.drover.qemu.probe;

/**
 * A whole x86 guest in one boot sector. QEMU's own firmware starts it, which takes the guest
 * through mode switches, device emulation and a disk read; the sector then adds up the numbers 1 to
 * 1000, waits for a timer interrupt, and leaves by the port of QEMU's {@code isa-debug-exit} device
 * with the low byte of the sum, which no accident produces. All of that is needed: some nested
 * hypervisors run a few instructions under KVM well enough and hang every real guest.
 */
final class ProbeGuest {
  /** Port of the exit device. */
  static final int EXIT_PORT = 0xF4;

  /** QEMU exits with twice the written byte plus one; 500500 is 0x7A314. */
  static final int EXPECTED_EXIT_CODE = (0x14 << 1) | 1;

  private static final int SECTOR_BYTES = 512;

  /** A size that any firmware takes for a disk. */
  private static final int DISK_BYTES = 1024 * 1024;

  /** Loaded at 0000:7C00 in real mode; 046C is where the firmware counts timer interrupts. */
  private static final int[] CODE = {
    0xFB, //                         sti
    0x31,
    0xC0, //                   xor  ax, ax
    0x8E,
    0xD8, //                   mov  ds, ax
    0xB9,
    0xE8,
    0x03, //             mov  cx, 1000
    0x01,
    0xC8, //             next: add  ax, cx
    0xE2,
    0xFC, //                   loop next
    0x8B,
    0x1E,
    0x6C,
    0x04, //       mov  bx, [046C]
    0xF4, //                   wait: hlt
    0x3B,
    0x1E,
    0x6C,
    0x04, //       cmp  bx, [046C]
    0x74,
    0xF9, //                   je   wait
    0xE6,
    EXIT_PORT, //              out  F4, al
    0xF4, //                   stay: hlt
    0xEB,
    0xFD //                    jmp  stay
  };

  private ProbeGuest() {}

  /** The disk that holds it. */
  static byte[] disk() {
    byte[] image = new byte[DISK_BYTES];
    for (int i = 0; i < CODE.length; i++) {
      image[i] = (byte) CODE[i];
    }
    image[SECTOR_BYTES - 2] = 0x55;
    image[SECTOR_BYTES - 1] = (byte) 0xAA;
    return image;
  }
}
