/** Tests of the SPI's {@code block} package. */
@NullMarked
package dev.drover.spi.block;

import org.jspecify.annotations.NullMarked;
