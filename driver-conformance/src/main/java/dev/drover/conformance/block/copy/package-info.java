/**
 * Cases about copies, by the older and by the newer call (section 1E), and about what a mirror
 * holds back (section 1F).
 */
@NullMarked
package dev.drover.conformance.block.copy;

import org.jspecify.annotations.NullMarked;
