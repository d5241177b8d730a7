/** Tests of the SPI's own rules, with fakes of what the daemon lends. */
@NullMarked
package dev.drover.spi;

import org.jspecify.annotations.NullMarked;
