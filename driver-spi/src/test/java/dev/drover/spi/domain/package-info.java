/** Tests of the SPI's {@code domain} package. */
@NullMarked
package dev.drover.spi.domain;

import org.jspecify.annotations.NullMarked;
