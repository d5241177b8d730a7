/**
 * What a disk's chain is, as the stored definition, the hypervisor and the headers say: where they
 * differ, what that means, and what would mend it without a guess (R8).
 */
@NullMarked
package dev.drover.spi.chain;

import org.jspecify.annotations.NullMarked;
