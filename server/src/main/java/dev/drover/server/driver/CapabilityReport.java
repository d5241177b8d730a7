package dev.drover.server.driver;

import dev.drover.spi.DriverInfo;
import dev.drover.v1.Capability;
import dev.drover.v1.DriverCapabilities;
import java.util.EnumSet;
import java.util.Set;

/** Computes what a driver can do from the facets it has and what it declares (A3, R16). */
public final class CapabilityReport {

  private CapabilityReport() {}

  /** What a driver can do. */
  public static Set<Capability> capabilities(DriverConnection connection) {
    Set<Capability> result = EnumSet.of(Capability.CAPABILITY_DOMAIN_LIFECYCLE);
    if (connection.blockJobs().isPresent()) {
      result.add(Capability.CAPABILITY_BLOCK_CHAIN);
      result.add(Capability.CAPABILITY_BLOCK_PULL);
      result.add(Capability.CAPABILITY_BLOCK_COMMIT);
      result.add(Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT);
      result.add(Capability.CAPABILITY_BLOCK_COPY);
    }
    if (connection.chainRepairs().isPresent()) {
      result.add(Capability.CAPABILITY_CHAIN_REPAIR);
    }
    if (connection.jobGroups().isPresent()) {
      result.add(Capability.CAPABILITY_JOB_GROUPS);
    }
    if (connection.snapshots().isPresent()) {
      result.add(Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK);
    }
    if (connection.testControl().isPresent()) {
      result.add(Capability.CAPABILITY_TEST_CONTROL);
    }
    result.addAll(connection.info().declared());
    return result;
  }

  /** The public description of an open driver. */
  public static DriverCapabilities describe(DriverConnection connection) {
    DriverInfo info = connection.info();
    return DriverCapabilities.newBuilder()
        .setScheme(connection.scheme())
        .addAllConnectionUris(info.connectionUris())
        .setDescription(connection.description())
        .addAllCapabilities(capabilities(connection))
        .setHypervisorName(info.hypervisorName())
        .setHypervisorVersion(info.hypervisorVersion())
        .setHypervisorPath(info.hypervisorPath())
        .addAllAccelerations(info.accelerations())
        .addAllMachines(info.machines())
        .setUnavailableDetail(info.unavailableDetail())
        .build();
  }

  /** The public description of a driver that could not be opened. */
  public static DriverCapabilities describe(UnopenedDriver driver) {
    return DriverCapabilities.newBuilder()
        .setScheme(driver.scheme())
        .setDescription(driver.description())
        .setUnavailableDetail(driver.detail())
        .build();
  }
}
