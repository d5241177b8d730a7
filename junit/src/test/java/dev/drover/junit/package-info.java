/** Worlds for tests, and what becomes of them. */
@NullMarked
package dev.drover.junit;

import org.jspecify.annotations.NullMarked;
