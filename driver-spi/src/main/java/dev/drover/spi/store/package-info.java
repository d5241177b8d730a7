/** The durable store the daemon lends a driver: records in collections, changed in transactions. */
@NullMarked
package dev.drover.spi.store;

import org.jspecify.annotations.NullMarked;
