package dev.drover.qemu.block;

/**
 * How the process that ran a job came to its end.
 *
 * @param inOrder true where the domain was stopped, by a caller or by its guest; false where the
 *     process was lost
 * @param detail for people
 */
public record HostEnd(boolean inOrder, String detail) {}
