/** The directories of the daemon and the lock that keeps a second daemon out. */
@NullMarked
package dev.drover.server.state;

import org.jspecify.annotations.NullMarked;
