/**
 * Block jobs of the test world: what each kind copies, how virtual time drives it, and what it
 * leaves of the chain. Jobs run on the disks of running and paused guests and, opened for the job,
 * on those of shut-off domains (C16).
 */
@NullMarked
package dev.drover.test.block;

import org.jspecify.annotations.NullMarked;
