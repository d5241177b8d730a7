/**
 * The conformance suite: what every driver must do, requirement by requirement, through the public
 * API. This package is what a driver's author meets: the target to run against, the world its
 * guests and images live in, and the marks that cases carry.
 */
@NullMarked
package dev.drover.conformance;

import org.jspecify.annotations.NullMarked;
