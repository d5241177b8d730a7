/**
 * The other half of the tiny guest in {@code dist/guest}: knows what its writer promises on the
 * console, and tells from a disk image whether every promise was kept. Used by the tour; no part of
 * the installed product.
 */
@NullMarked
package dev.drover.dist.guest;

import org.jspecify.annotations.NullMarked;
