package dev.drover.server.guard;

import com.google.protobuf.Message;
import dev.drover.server.driver.CapabilityReport;
import dev.drover.server.driver.DriverConnection;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Refuses calls that the connection's driver does not have: libvirt's empty slot in the driver
 * table (A3). What a driver does not declare is refused too, whatever its code would do (R16).
 */
final class FacetGuard {

  private static final Map<String, Predicate<DriverConnection>> FACETS =
      Map.of(
          "drover.v1.HostService", _ -> true,
          "drover.v1.DomainService", _ -> true,
          "drover.v1.EventService", _ -> true,
          "drover.v1.BlockService", connection -> connection.blockJobs().isPresent(),
          "drover.v1.JobService", connection -> connection.jobs().isPresent(),
          "drover.v1.SnapshotService", connection -> connection.snapshots().isPresent(),
          "drover.testing.v1.TestControlService",
              connection -> connection.testControl().isPresent());

  private FacetGuard() {}

  /**
   * Checks that the driver has a method, and what the request needs beyond it.
   *
   * @throws DriverException NOT_SUPPORTED naming the method or the capability
   */
  static void check(DriverConnection connection, MethodRule rule, Message request) {
    Predicate<DriverConnection> facet = FACETS.getOrDefault(rule.service(), _ -> false);
    if (!facet.test(connection)) {
      throw notSupported(connection, rule.method());
    }
    Set<Capability> needed = RequestNeeds.of(request);
    if (needed.isEmpty()) {
      return;
    }
    Set<Capability> present = CapabilityReport.capabilities(connection);
    for (Capability capability : needed) {
      if (!present.contains(capability)) {
        throw undeclared(connection, rule.method(), capability);
      }
    }
  }

  private static DriverException undeclared(
      DriverConnection connection, String method, Capability capability) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_NOT_SUPPORTED,
        "the driver "
            + connection.scheme()
            + " does not declare "
            + capability
            + ", which "
            + method
            + " needs",
        "method",
        method,
        "capability",
        capability.name());
  }

  /** The failure of a method whose facet the driver lacks. */
  static DriverException notSupported(DriverConnection connection, String method) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_NOT_SUPPORTED,
        "the driver " + connection.scheme() + " does not have " + method,
        "method",
        method);
  }
}
