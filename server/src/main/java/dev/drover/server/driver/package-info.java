/** The drivers of this daemon: found, opened, and chosen by connection URI. */
@NullMarked
package dev.drover.server.driver;

import org.jspecify.annotations.NullMarked;
