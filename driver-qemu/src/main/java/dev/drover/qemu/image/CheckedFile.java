package dev.drover.qemu.image;

/**
 * A file that was checked before a process is told to open it.
 *
 * @param path its path, as the process is told
 * @param identity the file that the path led to when it was checked
 */
public record CheckedFile(String path, FileIdentity identity) {}
