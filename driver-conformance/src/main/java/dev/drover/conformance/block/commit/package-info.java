/** Cases about commits of intermediate and active images (sections 1C and 1D). */
@NullMarked
package dev.drover.conformance.block.commit;

import org.jspecify.annotations.NullMarked;
