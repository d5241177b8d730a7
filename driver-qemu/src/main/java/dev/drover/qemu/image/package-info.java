/**
 * Images as files and as block nodes: where they may lie, what their headers say, the backing chain
 * they form, and the properties with which QEMU opens each of them. Formats come from the domain's
 * spec and from headers that only the host writes; they are never guessed (E12).
 */
@NullMarked
package dev.drover.qemu.image;

import org.jspecify.annotations.NullMarked;
