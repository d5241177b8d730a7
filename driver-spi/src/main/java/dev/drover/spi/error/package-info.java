/** The one exception type a driver throws and the table that gives each reason its status. */
@NullMarked
package dev.drover.spi.error;

import org.jspecify.annotations.NullMarked;
