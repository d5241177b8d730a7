/**
 * What somebody else writes, read by the code that reads it, with inputs that a fuzzer makes: no
 * crash, no INTERNAL, no unbounded memory (R18, R29). Targets of code that is not public stand in
 * its package.
 */
@NullMarked
package dev.drover.fuzz;

import org.jspecify.annotations.NullMarked;
