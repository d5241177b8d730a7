/** Durable records in SQLite. */
@NullMarked
package dev.drover.server.store;

import org.jspecify.annotations.NullMarked;
