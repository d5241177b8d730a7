/** Cases about the watch stream (R6). */
@NullMarked
package dev.drover.conformance.event;

import org.jspecify.annotations.NullMarked;
