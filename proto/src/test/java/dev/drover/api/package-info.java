/**
 * What holds the public API to its rules. Everything here reads the compiled descriptors, comments
 * included, so that a rule covers every language and every file anybody adds.
 */
@NullMarked
package dev.drover.api;

import org.jspecify.annotations.NullMarked;
