/**
 * The guest's memory and device state as a file: taken from a running QEMU, given to one that
 * starts. Both go through a socket of the domain's run directory and the daemon, so that QEMU opens
 * no file, every version can do it inside its sandbox, and progress is known to the byte.
 */
@NullMarked
package dev.drover.qemu.memory;

import org.jspecify.annotations.NullMarked;
