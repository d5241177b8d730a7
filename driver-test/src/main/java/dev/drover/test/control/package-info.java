/** What a test asks of the test world: its clock, its guests' writes, its files and its faults. */
@NullMarked
package dev.drover.test.control;

import org.jspecify.annotations.NullMarked;
