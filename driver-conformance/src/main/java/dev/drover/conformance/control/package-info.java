/** Cases about the control of a driver made for tests: its files, its guests, its clock (R17). */
@NullMarked
package dev.drover.conformance.control;

import org.jspecify.annotations.NullMarked;
