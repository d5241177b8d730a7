/**
 * Mistakes that authors of drivers make, each seeded into the test driver at its facets, with the
 * cases of the suite that must find it (R16). A mistake shows where a driver meets the daemon, in
 * what it answers, tells, does and leaves behind; so it is seeded there, and the test driver itself
 * knows nothing of it.
 */
@NullMarked
package dev.drover.conformance.mutant;

import org.jspecify.annotations.NullMarked;
