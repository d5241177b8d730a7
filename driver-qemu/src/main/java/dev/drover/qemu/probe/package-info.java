/**
 * What a QEMU binary can do, found out by asking it and never by its version: its QMP schema,
 * machine types and CPU models from a throw-away process, and whether KVM works from a tiny guest
 * that must finish within a time limit. Answers are cached by the binary's path, size and
 * modification time.
 */
@NullMarked
package dev.drover.qemu.probe;

import org.jspecify.annotations.NullMarked;
