/**
 * The suite run against both drivers, in process and over a unix socket, and tests of the suite.
 */
@NullMarked
package dev.drover.conformance.run;

import org.jspecify.annotations.NullMarked;
