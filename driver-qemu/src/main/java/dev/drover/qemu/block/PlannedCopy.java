package dev.drover.qemu.block;

import dev.drover.qemu.journal.JournalEntry;
import dev.drover.spi.job.JobOrigin;
import dev.drover.v1.Job;

/**
 * A copy that begins with a snapshot, as the snapshot's intent keeps it until both go on record.
 *
 * @param origin what its job is recorded with
 * @param job the job, without what the register sets
 * @param entry the journal's first entry
 */
public record PlannedCopy(JobOrigin origin, Job job, JournalEntry entry) {}
