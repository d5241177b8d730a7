/** Who calls, and what that caller may do. */
@NullMarked
package dev.drover.server.identity;

import org.jspecify.annotations.NullMarked;
