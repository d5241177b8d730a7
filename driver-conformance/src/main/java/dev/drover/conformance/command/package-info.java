/**
 * {@code drover conformance}: the suite as a program, against a daemon anywhere or one that it
 * starts for the run.
 */
@NullMarked
package dev.drover.conformance.command;

import org.jspecify.annotations.NullMarked;
