/**
 * The in-memory hypervisor behind {@code test:///default}: block contents that can be read back, a
 * clock that moves when told to, and faults at named steps.
 */
@NullMarked
package dev.drover.test;

import org.jspecify.annotations.NullMarked;
