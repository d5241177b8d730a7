/**
 * What a failed call looks like from outside: one mapping from exceptions to statuses, through
 * which nothing else leaks.
 */
@NullMarked
package dev.drover.server.failure;

import org.jspecify.annotations.NullMarked;
