package dev.drover.server.activity;

import java.time.Duration;

/**
 * A call that has not ended.
 *
 * @param callId the daemon's id of it, as log lines show it
 * @param method full name of the method; empty: one that the daemon does not serve
 * @param endless whether it lasts as long as its client wants: a stream, or a wait for a job
 * @param principal who calls; empty while that is not known
 * @param origin where the call came from
 * @param domain the domain that the request names, as it names it; empty: none
 * @param job the job that the request names; empty: none
 * @param age time since it began
 */
public record OngoingCall(
    String callId,
    String method,
    boolean endless,
    String principal,
    String origin,
    String domain,
    String job,
    Duration age) {}
