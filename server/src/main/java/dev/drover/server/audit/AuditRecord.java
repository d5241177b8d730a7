package dev.drover.server.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * One call that changes something, or was refused to (R30).
 *
 * @param time when it came in
 * @param callId the daemon's id of the call
 * @param principal who called; empty: not identified
 * @param origin where from
 * @param method full name of the method
 * @param uri connection URI as the client gave it; empty: the default
 * @param subject what the call was about, by name
 * @param result {@code OK} or the reason of the failure
 * @param duration how long it took
 */
public record AuditRecord(
    Instant time,
    String callId,
    String principal,
    String origin,
    String method,
    String uri,
    Map<String, String> subject,
    String result,
    Duration duration) {}
