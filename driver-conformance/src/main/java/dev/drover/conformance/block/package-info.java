/** Block jobs of several disks. */
@NullMarked
package dev.drover.conformance.block;

import org.jspecify.annotations.NullMarked;
