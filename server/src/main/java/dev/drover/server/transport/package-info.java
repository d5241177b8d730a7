/** How bytes reach the daemon: gRPC over a unix socket, and who is at its other end. */
@NullMarked
package dev.drover.server.transport;

import org.jspecify.annotations.NullMarked;
