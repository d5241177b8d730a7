/** Tests of the SPI's {@code error} package. */
@NullMarked
package dev.drover.spi.error;

import org.jspecify.annotations.NullMarked;
