package dev.drover.test.fault;

import dev.drover.testing.v1.FaultKind;
import java.time.Duration;

/**
 * A fault that strikes.
 *
 * @param kind what it does
 * @param delay for a delay: the virtual time that passes first
 */
public record Fault(FaultKind kind, Duration delay) {}
