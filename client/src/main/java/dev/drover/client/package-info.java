/**
 * The Java client library: a connection to a daemon, typed calls on domains, disks, jobs and
 * snapshots, and streams that survive a restart of the daemon. Calls block and are meant for
 * virtual threads. The library knows nothing of the command line, which is one of its users.
 *
 * <p>No type of gRPC is needed from day to day, and nothing of gRPC is hidden: {@link
 * dev.drover.client.Drover#channel()} serves any stub, {@link dev.drover.client.Drover#call} makes
 * any call, {@link dev.drover.client.Drover.Builder#channel} takes any channel, and {@link
 * dev.drover.client.DroverException#grpcStatus()} is what gRPC says of a failure.
 *
 * {@snippet class="dev.drover.client.LibraryExamplesTest" region="commit"}
 *
 * <p>Snapshots are described and taken, and gone back to by jobs:
 *
 * {@snippet class="dev.drover.client.LibraryExamplesTest" region="snapshot"}
 *
 * <p>What happens can be iterated over, or is published to a {@link
 * java.util.concurrent.Flow.Subscriber}:
 *
 * {@snippet class="dev.drover.client.LibraryExamplesTest" region="watch"}
 *
 * <p>Every failure has a code, and where the daemon answered a reason:
 *
 * {@snippet class="dev.drover.client.LibraryExamplesTest" region="errors"}
 */
@NullMarked
package dev.drover.client;

import org.jspecify.annotations.NullMarked;
