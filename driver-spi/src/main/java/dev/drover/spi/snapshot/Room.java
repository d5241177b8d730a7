package dev.drover.spi.snapshot;

/**
 * Room on the file system of an image.
 *
 * @param fileSystem what tells the file system from others, for people
 * @param freeBytes bytes that the driver's images can still take
 */
public record Room(String fileSystem, long freeBytes) {}
