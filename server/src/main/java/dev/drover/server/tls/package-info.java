/** Mutual TLS: whose certificates the daemon believes, and its own, both changed while it runs. */
@NullMarked
package dev.drover.server.tls;

import org.jspecify.annotations.NullMarked;
