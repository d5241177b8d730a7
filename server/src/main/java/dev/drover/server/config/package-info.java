/**
 * The daemon's configuration: one table of keys with their texts, a reader that reports every
 * mistake at once, and the records that the rest of the daemon sees.
 */
@NullMarked
package dev.drover.server.config;

import org.jspecify.annotations.NullMarked;
