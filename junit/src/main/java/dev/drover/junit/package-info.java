/**
 * Tests of programs that use Drover: {@link dev.drover.junit.DroverTest} gives each test a daemon
 * with an in-memory hypervisor of its own, a client, and the control of that world (R17). See
 * {@code docs/testing.md}.
 */
@NullMarked
package dev.drover.junit;

import org.jspecify.annotations.NullMarked;
