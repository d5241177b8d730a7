/** What drivers are doing at the moment, told to the daemon as a closed set of values. */
@NullMarked
package dev.drover.spi.activity;

import org.jspecify.annotations.NullMarked;
