/** Tests of what a person types and what is printed. */
@NullMarked
package dev.drover.client.cli;

import org.jspecify.annotations.NullMarked;
