package dev.drover.qemu.image;

/**
 * A place that was checked before a process is told to make a file there.
 *
 * @param path the path, as the process is told
 * @param real where it led, links followed, when it was checked
 */
public record CheckedPlace(String path, String real) {}
