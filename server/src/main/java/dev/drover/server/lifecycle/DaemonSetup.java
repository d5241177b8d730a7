package dev.drover.server.lifecycle;

import dev.drover.server.config.DaemonConfig;
import dev.drover.server.identity.PermissionPolicy;
import dev.drover.spi.DaemonMode;
import dev.drover.spi.DriverProvider;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Everything a daemon is started from.
 *
 * @param mode whom it serves
 * @param config its configuration
 * @param stateDirectory directory for what outlives it
 * @param runtimeDirectory directory for sockets and process ids
 * @param listen where calls come in
 * @param providers the drivers, in the order in which they are opened
 * @param clock the time
 * @param owner numeric id of the user it runs as
 * @param policy who may do what; empty: as the configuration says
 */
public record DaemonSetup(
    DaemonMode mode,
    DaemonConfig config,
    Path stateDirectory,
    Path runtimeDirectory,
    Listen listen,
    List<DriverProvider> providers,
    InstantSource clock,
    long owner,
    Optional<PermissionPolicy> policy) {

  /** Copies the list. */
  public DaemonSetup {
    providers = List.copyOf(providers);
  }

  /** Where calls come in. */
  public sealed interface Listen {

    /**
     * A unix socket.
     *
     * @param path its file
     */
    record UnixSocket(Path path) implements Listen {}

    /**
     * This very process, for tests and programs that contain a daemon; every call is the owner's.
     *
     * @param name name of the in-process server
     */
    record InProcess(String name) implements Listen {}
  }
}
