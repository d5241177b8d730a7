/**
 * Manual pages, made from what the programs themselves understand. Used when a package is made; no
 * part of the installed product.
 */
@NullMarked
package dev.drover.dist.man;

import org.jspecify.annotations.NullMarked;
