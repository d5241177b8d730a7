package dev.drover.server.watch;

import dev.drover.spi.event.DriverEvent;

/**
 * An event with its place in the order of its connection.
 *
 * @param revision its place; larger is later
 * @param event the event
 */
public record StampedEvent(long revision, DriverEvent event) {}
