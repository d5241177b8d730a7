/**
 * Unary calls over a unix socket for a process that makes a few of them and ends. A channel of
 * gRPC's takes several times as long to set up as such a call takes; this speaks just enough of
 * HTTP/2 for one call on a connection of its own, and leaves everything else to gRPC's.
 */
@NullMarked
package dev.drover.client.direct;

import org.jspecify.annotations.NullMarked;
