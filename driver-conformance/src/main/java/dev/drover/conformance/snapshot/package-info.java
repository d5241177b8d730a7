/** Cases about external disk-only snapshots (section 1G). */
@NullMarked
package dev.drover.conformance.snapshot;

import org.jspecify.annotations.NullMarked;
