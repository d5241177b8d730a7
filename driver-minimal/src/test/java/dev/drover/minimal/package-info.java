/** The suite that every driver has to pass, run against the smallest one. */
@NullMarked
package dev.drover.minimal;

import org.jspecify.annotations.NullMarked;
