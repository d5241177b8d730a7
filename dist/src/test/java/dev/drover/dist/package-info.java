/** Rules over all modules at once, checked where all of them have been built. */
@NullMarked
package dev.drover.dist;

import org.jspecify.annotations.NullMarked;
