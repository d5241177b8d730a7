/** Worlds of the drivers that come with Drover: how images are made there, and guests write. */
@NullMarked
package dev.drover.conformance.world;

import org.jspecify.annotations.NullMarked;
