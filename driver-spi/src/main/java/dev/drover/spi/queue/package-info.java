/**
 * The queue of jobs that wait for a place, and who is next in it; the same for every driver (R29).
 */
@NullMarked
package dev.drover.spi.queue;

import org.jspecify.annotations.NullMarked;
