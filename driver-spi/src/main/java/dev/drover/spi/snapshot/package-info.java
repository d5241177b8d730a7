/**
 * The durable register of snapshots, and what is decided about snapshots and reverts before
 * anything changes, whatever carries them out.
 */
@NullMarked
package dev.drover.spi.snapshot;

import org.jspecify.annotations.NullMarked;
