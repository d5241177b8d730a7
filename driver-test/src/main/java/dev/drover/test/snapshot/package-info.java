/** External disk-only snapshots of the test world's running and paused domains. */
@NullMarked
package dev.drover.test.snapshot;

import org.jspecify.annotations.NullMarked;
