package dev.drover.conformance.suite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.bench.Endpoint;
import dev.drover.conformance.bench.Observations;
import dev.drover.testing.v1.TestControlServiceGrpc;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.SnapshotServiceGrpc;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What only a whole run can tell: that nothing of the API was left out (R16, R18). */
public final class Coverage {

  /**
   * What a whole run was about.
   *
   * @param observations what all of its cases called and provoked
   * @param declared what the driver declares
   */
  public record Seen(Observations observations, Set<Capability> declared) {
    /** Copies what is declared. */
    public Seen {
      declared = Set.copyOf(declared);
    }
  }

  /**
   * A check after the last case.
   *
   * @param title what holds
   * @param assertion throws what is wrong
   */
  public record Check(String title, Consumer<Seen> assertion) {}

  /** Services that have nothing to answer with where a driver declares none of these. */
  private static final Map<String, Set<Capability>> GROUNDS =
      Map.of(
          BlockServiceGrpc.SERVICE_NAME,
          Set.of(Capability.CAPABILITY_BLOCK_CHAIN),
          SnapshotServiceGrpc.SERVICE_NAME,
          Set.of(
              Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
              Capability.CAPABILITY_SNAPSHOT_INTERNAL),
          TestControlServiceGrpc.SERVICE_NAME,
          Set.of(Capability.CAPABILITY_TEST_CONTROL),
          JobServiceGrpc.SERVICE_NAME,
          Set.of(
              Capability.CAPABILITY_BLOCK_PULL,
              Capability.CAPABILITY_BLOCK_COMMIT,
              Capability.CAPABILITY_BLOCK_COPY));

  private Coverage() {}

  /** Every check. */
  public static List<Check> checks() {
    return List.of(
        new Check("every RPC did its work, or is not supported", Coverage::everyCall),
        new Check("every reason was provoked", Coverage::everyReason));
  }

  private static void everyCall(Seen seen) {
    assertThat(seen.observations().methods())
        .as("RPCs that answered a case, or that the driver does not support")
        .containsAll(
            Endpoint.all().stream()
                .filter(endpoint -> hasGrounds(endpoint, seen.declared()))
                .map(endpoint -> endpoint.method().getFullMethodName())
                .toList());
  }

  private static boolean hasGrounds(Endpoint endpoint, Set<Capability> declared) {
    return Optional.ofNullable(GROUNDS.get(endpoint.schema().getService().getFullName()))
        .map(grounds -> grounds.stream().anyMatch(declared::contains))
        .orElse(true);
  }

  private static void everyReason(Seen seen) {
    UnprovokedReasons excused = new UnprovokedReasons();
    Set<ErrorReason> missing = EnumSet.allOf(ErrorReason.class);
    missing.removeAll(EnumSet.of(ErrorReason.ERROR_REASON_UNSPECIFIED, ErrorReason.UNRECOGNIZED));
    missing.removeAll(seen.observations().reasons());
    missing.removeIf(reason -> excused.excuses(reason, seen.declared()));
    assertThat(missing).as("reasons that a client can cause and no case provoked").isEmpty();
  }
}
