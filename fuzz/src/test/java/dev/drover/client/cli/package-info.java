/** Targets of what a file of another tool says. */
@NullMarked
package dev.drover.client.cli;

import org.jspecify.annotations.NullMarked;
