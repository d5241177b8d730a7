/**
 * Cases about the way of a call: the order of the checks, connections, limits, and calls that run
 * once (section 1A).
 */
@NullMarked
package dev.drover.conformance.dispatch;

import org.jspecify.annotations.NullMarked;
