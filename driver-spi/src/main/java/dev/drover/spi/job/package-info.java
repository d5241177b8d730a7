/**
 * The durable register of jobs and the state machine every job follows, whatever executes it (R1,
 * R2).
 */
@NullMarked
package dev.drover.spi.job;

import org.jspecify.annotations.NullMarked;
