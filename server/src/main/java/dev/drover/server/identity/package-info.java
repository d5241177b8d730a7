/** Who calls. */
@NullMarked
package dev.drover.server.identity;

import org.jspecify.annotations.NullMarked;
