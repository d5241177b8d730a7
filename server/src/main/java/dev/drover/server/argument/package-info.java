/**
 * Rules about the arguments of each request, checked before a driver sees them; a rule is a
 * function of the request alone.
 */
@NullMarked
package dev.drover.server.argument;

import org.jspecify.annotations.NullMarked;
