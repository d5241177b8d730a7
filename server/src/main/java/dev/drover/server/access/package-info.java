/**
 * Who may do what: roles and bindings of one policy file, read again while the daemon runs. The
 * guards ask it, and the services show only what it lets a caller see.
 */
@NullMarked
package dev.drover.server.access;

import org.jspecify.annotations.NullMarked;
