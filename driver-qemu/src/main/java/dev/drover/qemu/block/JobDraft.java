package dev.drover.qemu.block;

import dev.drover.qemu.journal.JournalEntry;
import dev.drover.v1.Job;
import java.util.Optional;

/**
 * A job that is planned and not yet recorded.
 *
 * @param job the public record, without what the register sets
 * @param entry the journal's first entry
 * @param destination file to make and nodes to open before QEMU can begin; empty where the job
 *     needs none
 */
record JobDraft(Job job, JournalEntry entry, Optional<CopyDestination> destination) {}
