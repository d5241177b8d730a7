/**
 * Random sequences of operations on two drivers side by side: what one answers and shows after each
 * step, the other must answer and show, too.
 */
@NullMarked
package dev.drover.conformance.model;

import org.jspecify.annotations.NullMarked;
