/** What drivers tell the daemon, as a closed set of values. */
@NullMarked
package dev.drover.spi.event;

import org.jspecify.annotations.NullMarked;
