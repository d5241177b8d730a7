/**
 * Talks to qemu-guest-agent in a guest. The guest is hostile: whatever it answers, or does not, is
 * bounded in time, size and depth, and believed only as far as it concerns the guest itself.
 */
@NullMarked
package dev.drover.qemu.agent;

import org.jspecify.annotations.NullMarked;
