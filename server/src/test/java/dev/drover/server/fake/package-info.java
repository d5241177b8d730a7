/** A driver and other surroundings of the daemon, made by hand for its tests. */
@NullMarked
package dev.drover.server.fake;

import org.jspecify.annotations.NullMarked;
