/** Tests of the comparison of chains. */
@NullMarked
package dev.drover.spi.chain;

import org.jspecify.annotations.NullMarked;
