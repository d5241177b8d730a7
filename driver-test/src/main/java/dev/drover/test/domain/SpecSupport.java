package dev.drover.test.domain;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import java.util.List;

/**
 * What the test driver can provide of a spec. Devices other than disks have no effect on the model
 * and are kept as they are.
 */
public final class SpecSupport {

  /** Machine types a spec may name, the default one first. */
  public static final List<String> MACHINES = List.of("q35", "pc");

  /**
   * Checks a spec.
   *
   * @throws DriverException DOMAIN_SPEC_UNSUPPORTED
   */
  public void check(DomainSpec spec) {
    if (spec.getQemuArgsCount() > 0) {
      throw unsupported("qemu_args", "the test driver has no command line to add arguments to");
    }
    if (!spec.getMachine().isEmpty() && !MACHINES.contains(spec.getMachine())) {
      throw unsupported(
          "machine",
          "the test driver has no machine '%s', only %s"
              .formatted(spec.getMachine(), String.join(", ", MACHINES)));
    }
  }

  private static DriverException unsupported(String field, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_DOMAIN_SPEC_UNSUPPORTED,
        "%s; leave out %s".formatted(why, field),
        "field",
        "spec." + field);
  }
}
