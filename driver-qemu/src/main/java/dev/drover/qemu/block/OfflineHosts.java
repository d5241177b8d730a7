package dev.drover.qemu.block;

import dev.drover.qemu.image.CheckedChain;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The processes that run the jobs of shut-off domains, one for each job (C16). */
public interface OfflineHosts {

  /** True where the program that such a process runs is installed. */
  boolean available();

  /**
   * The process that a job will have. Nothing is started or recorded yet.
   *
   * @param domain a domain that does not run
   * @param disk the disk, as the stored definition has it
   * @param chain the disk's images, from the active one down, with the files of those that are
   *     there already
   * @param jobId id the job will have
   * @throws DriverException PATH_NOT_ALLOWED where no socket can be made for it
   */
  BlockHost prepare(Domain domain, Disk disk, CheckedChain chain, String jobId);

  /**
   * Takes over the processes that an earlier daemon left, and ends those whose start was never
   * finished or whose job is not on record. To be called once, before jobs are taken up.
   *
   * @param jobIds jobs that have not ended
   */
  void adopt(Set<String> jobIds);

  /** The process of a job; empty where it has none, or it is gone. */
  Optional<BlockHost> find(String jobId);

  /** The disks that such processes have open. */
  List<OpenDisk> open();

  /**
   * A disk that a job of a shut-off domain has open.
   *
   * @param jobId the job
   * @param domainUuid uuid of the domain
   * @param domainName name of the domain
   * @param graph the images with their nodes, as they were when the job began
   */
  record OpenDisk(String jobId, String domainUuid, String domainName, DiskGraph graph) {}
}
