package dev.drover.qemu.offline;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.IoPolicy;
import dev.drover.qemu.process.ProcessIdentity;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the store knows about one storage daemon, written together with its job's first record and
 * so before the process is made. Immutable.
 *
 * @param jobId the job it runs
 * @param domainUuid uuid of the domain
 * @param domainName name of the domain
 * @param runDirectory directory with its socket, output and process identity
 * @param process the process; empty: it may or may not exist, and whoever finds the record ends it
 * @param lastNode number in the node name that was given out last
 * @param graph the disk's images as they were when the job began
 * @param policy how they use the host
 */
record StorageRecord(
    String jobId,
    String domainUuid,
    String domainName,
    Path runDirectory,
    Optional<ProcessIdentity> process,
    int lastNode,
    DiskGraph graph,
    IoPolicy policy) {

  /** The record of a process that is known by now. */
  StorageRecord running(ProcessIdentity identity) {
    return new StorageRecord(
        jobId,
        domainUuid,
        domainName,
        runDirectory,
        Optional.of(identity),
        lastNode,
        graph,
        policy);
  }

  /** The record after another node name was given out. */
  StorageRecord withLastNode(int number) {
    return new StorageRecord(
        jobId, domainUuid, domainName, runDirectory, process, number, graph, policy);
  }
}
