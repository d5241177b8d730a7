/**
 * Traces of calls and of the jobs that they begin, sent to a collector of OpenTelemetry where one
 * is configured. {@link dev.drover.server.tracing.CallTracer} is what the rest of the daemon sees;
 * without a collector nothing of OpenTelemetry runs.
 */
@NullMarked
package dev.drover.server.tracing;

import org.jspecify.annotations.NullMarked;
