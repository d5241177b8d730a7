/**
 * Faults that a test arms at named steps: what they are, where they strike, and how a call or a job
 * is held by one (R17).
 */
@NullMarked
package dev.drover.test.fault;

import org.jspecify.annotations.NullMarked;
