/**
 * The test host's storage: image files with real contents, their headers, and what a guest reads
 * through a backing chain. An image is divided into clusters of 64 KiB; a cluster either holds one
 * byte value throughout or is not allocated, which is enough to tell any two states of a disk
 * apart.
 */
@NullMarked
package dev.drover.test.model;

import org.jspecify.annotations.NullMarked;
