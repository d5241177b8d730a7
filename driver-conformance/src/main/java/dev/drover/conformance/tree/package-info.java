/**
 * Random trees of snapshots on a real driver, beside a model that knows every block of every image.
 */
@NullMarked
package dev.drover.conformance.tree;

import org.jspecify.annotations.NullMarked;
