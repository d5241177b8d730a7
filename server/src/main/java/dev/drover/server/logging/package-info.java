/** Where log lines go and what they look like. */
@NullMarked
package dev.drover.server.logging;

import org.jspecify.annotations.NullMarked;
