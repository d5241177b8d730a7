/** How the daemon is put together, started in order and stopped in reverse. */
@NullMarked
package dev.drover.server.lifecycle;

import org.jspecify.annotations.NullMarked;
