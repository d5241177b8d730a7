package dev.drover.spi.snapshot;

import dev.drover.v1.DomainSpec;
import dev.drover.v1.SnapshotMemory;

/**
 * A guest that goes on from its memory.
 *
 * @param memory the file that holds it
 * @param spec what it ran as, with its disks on the overlays in which they go on
 */
public record RestoredMoment(SnapshotMemory memory, DomainSpec spec) {}
