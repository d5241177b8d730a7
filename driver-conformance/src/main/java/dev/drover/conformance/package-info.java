/** The conformance suite: what every driver must do, requirement by requirement. */
@NullMarked
package dev.drover.conformance;

import org.jspecify.annotations.NullMarked;
