/**
 * A small certificate authority in a directory: what a site needs to reach its daemons over TLS,
 * without a tool of its own for certificates (R14).
 */
@NullMarked
package dev.drover.client.pki;

import org.jspecify.annotations.NullMarked;
