package dev.drover.spi;

import dev.drover.v1.AccelerationCapability;
import dev.drover.v1.Capability;
import java.util.List;
import java.util.Set;

/**
 * What a driver is and what it declares beyond the facets it has. The daemon makes the public
 * capabilities from both (design section 5).
 *
 * @param connectionUris URIs served, the default one first, for example {@code qemu:///session}
 * @param hypervisorName name of the hypervisor, for example {@code QEMU}
 * @param hypervisorVersion its version; empty where none is installed
 * @param hypervisorPath path of its program; empty where there is none
 * @param declared capabilities that a facet's presence does not tell; see {@link
 *     dev.drover.v1.Capability}
 * @param accelerations accelerations and whether they work on this host
 * @param machines machine types, the default one first; empty where not known
 * @param unavailableDetail why domains cannot be started at the moment; empty where they can
 */
public record DriverInfo(
    List<String> connectionUris,
    String hypervisorName,
    String hypervisorVersion,
    String hypervisorPath,
    Set<Capability> declared,
    List<AccelerationCapability> accelerations,
    List<String> machines,
    String unavailableDetail) {

  /** Copies the collections. */
  public DriverInfo {
    connectionUris = List.copyOf(connectionUris);
    declared = Set.copyOf(declared);
    accelerations = List.copyOf(accelerations);
    machines = List.copyOf(machines);
  }
}
