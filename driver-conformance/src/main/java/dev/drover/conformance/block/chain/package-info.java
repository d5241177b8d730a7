/** Comparison and repair of backing chains. */
@NullMarked
package dev.drover.conformance.block.chain;

import org.jspecify.annotations.NullMarked;
