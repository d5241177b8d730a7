/**
 * Disks, backing chains and block jobs on real QEMU. A call becomes a plan (of the SPI), the plan a
 * journal entry, the entry a QMP command; from then on one worker per job looks at QEMU whenever an
 * event rings, and does the one step that the state it sees asks for. It never believes an event:
 * the outcome is what was ordered, how QEMU's job ended, and which node the device reads.
 */
@NullMarked
package dev.drover.qemu.block;

import org.jspecify.annotations.NullMarked;
