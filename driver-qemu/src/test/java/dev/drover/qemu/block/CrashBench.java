package dev.drover.qemu.block;

import dev.drover.spi.CallContext;
import dev.drover.v1.DomainRef;
import dev.drover.v1.Job;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a {@link CrashScenario} needs of a bench: one domain with disk vda on four images, whose
 * driver can die and come again, and whose QEMU or storage daemon can be killed.
 */
interface CrashBench extends AutoCloseable {

  /** The domain. */
  DomainRef domain();

  /** True where a QEMU runs the domain; false where storage daemons work on a shut-off one. */
  boolean running();

  /** The images. */
  TestImages images();

  /** The driver's store, which can strike. */
  StrikingStore store();

  /** Puts a monitor that can strike between the driver and whoever runs its jobs. */
  StrikingMonitor interpose();

  /** The facet for block jobs. */
  QemuBlockJobs blockJobs();

  /** The facet for jobs. */
  QemuJobs jobs();

  /** A call that waits for as long as a test may take. */
  CallContext call();

  /** Every job on record. */
  List<Job> jobList();

  /** Waits until a job is as wanted. */
  Job await(String jobId, Predicate<Job> wanted);

  /** Waits until a job has ended. */
  Job awaitEnd(String jobId);

  /** Journal entries that are left. */
  int journalEntries();

  /** Chain of the definition as its headers say, by file names. */
  List<String> definedChain();

  /** Kills the daemon, as far as its hypervisors and the store can tell. */
  void killDaemon();

  /** Kills the process that runs the jobs, while the driver may look elsewhere. */
  void killHypervisor();

  /** Tells the driver of that, where nobody else does. */
  void noticeHypervisor();

  /** Ends the driver as the daemon does when it stops. */
  void closeDriver();

  /** Opens a new driver on the same store, as the next daemon does. */
  void openDriver();

  /** Checks that no node, job or process is left that no unfinished job needs. */
  void assertNothingLeft();

  /** Checks that the stored definition holds all that was written. */
  void assertNothingLost();

  @Override
  void close();
}
