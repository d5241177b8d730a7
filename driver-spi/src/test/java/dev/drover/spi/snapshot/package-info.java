/** Tests of the SPI's {@code snapshot} package. */
@NullMarked
package dev.drover.spi.snapshot;

import org.jspecify.annotations.NullMarked;
