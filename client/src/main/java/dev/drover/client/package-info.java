/**
 * The Java client library: a connection to a daemon, typed calls on domains, disks, jobs and
 * snapshots, and streams that survive a restart of the daemon. Calls block and are meant for
 * virtual threads. The library knows nothing of the command line, which is one of its users, and
 * hides nothing of gRPC: {@link dev.drover.client.Drover#channel()} serves any stub.
 *
 * <pre>{@code
 * try (Drover drover = Drover.connect("qemu:///system")) {
 *   JobHandle job = drover.domain("web").disk("vda").commit().active()
 *       .thenComplete(JobCompletion.JOB_COMPLETION_PIVOT).start();
 *   job.onProgress(now -> System.out.println(now.getProgress().getOffsetBytes()));
 *   job.await(Duration.ofHours(1));
 * }
 * }</pre>
 */
@NullMarked
package dev.drover.client;

import org.jspecify.annotations.NullMarked;
