/**
 * Jobs on shut-off domains (C16 to C18): a {@code qemu-storage-daemon} for each job, which outlives
 * the daemon as domains do and is found again by its record in the store (R2). To the jobs it is a
 * {@link dev.drover.qemu.block.BlockHost} like the QEMU of a running domain, but one without a
 * guest and with an end: it is gone before its job has ended.
 */
@NullMarked
package dev.drover.qemu.offline;

import org.jspecify.annotations.NullMarked;
