/**
 * Snapshots of running, paused and shut-off domains: overlays made and opened first, all disks
 * moved by one QMP transaction, definition and record moved by one store transaction, and an intent
 * before all of it, from which another run of the daemon goes forward or back. Reverts go the same
 * way, with the hypervisor's end in the middle.
 */
@NullMarked
package dev.drover.qemu.snapshot;

import org.jspecify.annotations.NullMarked;
