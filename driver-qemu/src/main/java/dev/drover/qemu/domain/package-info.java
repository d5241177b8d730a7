/**
 * Domains as running QEMU processes: starting, adopting and ending them, following their events,
 * and what the rest of the driver needs to work on one.
 */
@NullMarked
package dev.drover.qemu.domain;

import org.jspecify.annotations.NullMarked;
