/**
 * Rules about backing chains that hold for every hypervisor: which disk and which images a request
 * means, and what a pull, commit or copy will leave behind (sections 1B to 1E of the requirements).
 */
@NullMarked
package dev.drover.spi.block;

import org.jspecify.annotations.NullMarked;
