package dev.drover.server.activity;

import java.time.Duration;

/**
 * How a call ended.
 *
 * @param method full name of the method; empty: one that the daemon does not serve
 * @param streaming whether it answers more than once, so that its client decides how long it lasts
 * @param code name of the gRPC status code
 * @param reason name of the reason; {@code OK} where it succeeded
 * @param lasted from its first byte to its end
 */
public record CallEnd(
    String method, boolean streaming, String code, String reason, Duration lasted) {}
