/**
 * Virtual time and the one lock that orders everything that happens in the test world, so that the
 * same operations always end in the same state.
 */
@NullMarked
package dev.drover.test.clock;

import org.jspecify.annotations.NullMarked;
