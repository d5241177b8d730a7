/** Runs every benchmark on a few MiB, so that none can rot unnoticed. */
@NullMarked
package dev.drover.benchmarks;

import org.jspecify.annotations.NullMarked;
