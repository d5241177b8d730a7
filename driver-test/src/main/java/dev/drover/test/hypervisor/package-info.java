/**
 * The hypervisor of the test world: guests that run, the disks they or a job hold open, and who may
 * write to which image meanwhile.
 */
@NullMarked
package dev.drover.test.hypervisor;

import org.jspecify.annotations.NullMarked;
