/** Events of a connection in one order with revisions, and the streams that follow them. */
@NullMarked
package dev.drover.server.watch;

import org.jspecify.annotations.NullMarked;
