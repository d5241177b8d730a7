/** Targets of what a QEMU says. */
@NullMarked
package dev.drover.qemu.qmp;

import org.jspecify.annotations.NullMarked;
