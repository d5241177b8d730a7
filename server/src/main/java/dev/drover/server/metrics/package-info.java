/** Metrics for Prometheus: what is measured, and the listener that serves it. */
@NullMarked
package dev.drover.server.metrics;

import org.jspecify.annotations.NullMarked;
