/**
 * Cases about the durable record of a job: ids, lists, waiting, ending, and what faults do to it
 * (R1, R5).
 */
@NullMarked
package dev.drover.conformance.job;

import org.jspecify.annotations.NullMarked;
