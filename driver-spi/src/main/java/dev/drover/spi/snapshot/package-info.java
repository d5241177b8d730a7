/** The durable register of snapshots. */
@NullMarked
package dev.drover.spi.snapshot;

import org.jspecify.annotations.NullMarked;
