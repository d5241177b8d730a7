package dev.drover.qemu.domain;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.v1.Domain;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the store knows about one QEMU process, written before the process is made and at each
 * change, so that another run of the daemon finds it, or ends it where its start was never
 * finished.
 *
 * @param phase how far its start got
 * @param domain the domain as it was started: spec and status with number, live spec and times
 * @param runDirectory directory with its sockets, output and process identity
 * @param pid process id; 0 until it is known
 * @param startTicks start of the process in clock ticks since the host's boot; 0 until known
 * @param bootId the host's boot; empty until known
 * @param lastNode number in the node name that was given out last
 * @param disks its disks, in the order of the spec
 * @param guest what is done to its guest for a moment
 */
public record RuntimeRecord(
    Phase phase,
    Domain domain,
    Path runDirectory,
    long pid,
    long startTicks,
    String bootId,
    int lastNode,
    List<DiskGraph> disks,
    GuestInterventions guest) {

  /** How far a start got. */
  public enum Phase {
    /** The process may or may not exist; whoever finds the record ends it. */
    STARTING,
    /** The process runs the domain; whoever finds the record adopts it. */
    RUNNING
  }

  /** Copies the list. */
  public RuntimeRecord {
    disks = List.copyOf(disks);
  }

  /** The uuid of the domain. */
  public String uuid() {
    return domain.getSpec().getUuid();
  }

  /** The disk of a target. */
  public Optional<DiskGraph> disk(String target) {
    return disks.stream().filter(disk -> disk.target().equals(target)).findFirst();
  }

  /** The record of a process that is known by now. */
  public RuntimeRecord withProcess(long newPid, long newStartTicks, String newBootId) {
    return new RuntimeRecord(
        phase, domain, runDirectory, newPid, newStartTicks, newBootId, lastNode, disks, guest);
  }

  /** The record of a domain whose start was finished. */
  public RuntimeRecord running(Domain started) {
    return new RuntimeRecord(
        Phase.RUNNING, started, runDirectory, pid, startTicks, bootId, lastNode, disks, guest);
  }

  /** The record after a change of the domain, for example of its live spec. */
  public RuntimeRecord withDomain(Domain changed) {
    return new RuntimeRecord(
        phase, changed, runDirectory, pid, startTicks, bootId, lastNode, disks, guest);
  }

  /** The record after another node name was given out. */
  public RuntimeRecord withLastNode(int number) {
    return new RuntimeRecord(
        phase, domain, runDirectory, pid, startTicks, bootId, number, disks, guest);
  }

  /** The record with one disk put together anew. */
  public RuntimeRecord withDisk(DiskGraph changed) {
    return new RuntimeRecord(
        phase,
        domain,
        runDirectory,
        pid,
        startTicks,
        bootId,
        lastNode,
        disks.stream()
            .map(disk -> disk.target().equals(changed.target()) ? changed : disk)
            .toList(),
        guest);
  }

  /** The record after a change of what is done to the guest. */
  RuntimeRecord withGuest(GuestInterventions changed) {
    return new RuntimeRecord(
        phase, domain, runDirectory, pid, startTicks, bootId, lastNode, disks, changed);
  }
}
