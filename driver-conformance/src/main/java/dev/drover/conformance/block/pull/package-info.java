/** Cases about pulls (E1). */
@NullMarked
package dev.drover.conformance.block.pull;

import org.jspecify.annotations.NullMarked;
