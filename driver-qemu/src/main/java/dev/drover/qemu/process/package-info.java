/**
 * QEMU as a process that outlives the daemon: started in a session of its own with its output in a
 * file, recognised again after a restart by pid, start time and boot, watched, and ended within a
 * bounded time. Nothing here speaks QMP.
 */
@NullMarked
package dev.drover.qemu.process;

import org.jspecify.annotations.NullMarked;
