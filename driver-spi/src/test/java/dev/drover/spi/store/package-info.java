/** Tests of the SPI's {@code store} package. */
@NullMarked
package dev.drover.spi.store;

import org.jspecify.annotations.NullMarked;
