/** Cases about input that must be refused with its documented reason and without a trace. */
@NullMarked
package dev.drover.conformance.badinput;

import org.jspecify.annotations.NullMarked;
