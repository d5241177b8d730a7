/** The durable register of domains and the lanes that order changes to each of them. */
@NullMarked
package dev.drover.spi.domain;

import org.jspecify.annotations.NullMarked;
