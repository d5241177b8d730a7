/** Tests of the test driver through its facets, in manual virtual time. */
@NullMarked
package dev.drover.test;

import org.jspecify.annotations.NullMarked;
