package dev.drover.server.service;

/**
 * What the daemon says of itself.
 *
 * @param version its version, for example {@code 0.1.0}
 * @param hostName name of the host it runs on
 */
public record DaemonIdentity(String version, String hostName) {}
