/** Tests of the SPI's {@code job} package. */
@NullMarked
package dev.drover.spi.job;

import org.jspecify.annotations.NullMarked;
