/** Tests of the SPI's {@code queue} package. */
@NullMarked
package dev.drover.spi.queue;

import org.jspecify.annotations.NullMarked;
