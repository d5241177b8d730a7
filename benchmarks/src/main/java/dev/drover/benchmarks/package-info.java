/**
 * What Drover costs: jobs through a whole daemon, side by side with the same jobs driven by hand on
 * a QEMU that was started with the same command line. {@code bin/benchmark} runs it.
 */
@NullMarked
package dev.drover.benchmarks;

import org.jspecify.annotations.NullMarked;
