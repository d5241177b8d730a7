/**
 * The suite as a whole: which classes hold cases, how they are chosen by the capabilities that the
 * driver declares, what is asserted where one is missing, and the report of a run. A driver's
 * author extends {@link dev.drover.conformance.suite.DriverConformance}.
 */
@NullMarked
package dev.drover.conformance.suite;

import org.jspecify.annotations.NullMarked;
