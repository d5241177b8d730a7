package dev.drover.conformance.suite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.bench.Endpoint;
import dev.drover.v1.ErrorReason;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** What only a whole run can tell: that nothing of the API was left out (R16, R18). */
public final class Coverage {

  /**
   * A check after the last case.
   *
   * @param title what holds
   * @param assertion throws what is wrong
   */
  public record Check(String title, Consumer<CaseRunner> assertion) {}

  private Coverage() {}

  /** Every check. */
  public static List<Check> checks() {
    return List.of(
        new Check("every RPC was called", Coverage::everyCall),
        new Check("every reason was provoked", Coverage::everyReason));
  }

  private static void everyCall(CaseRunner runner) {
    assertThat(runner.observations().methods())
        .containsAll(
            Endpoint.all().stream()
                .filter(Endpoint::ordinary)
                .map(endpoint -> endpoint.method().getFullMethodName())
                .toList());
  }

  private static void everyReason(CaseRunner runner) {
    UnprovokedReasons excused = new UnprovokedReasons();
    Set<ErrorReason> missing = EnumSet.allOf(ErrorReason.class);
    missing.removeAll(EnumSet.of(ErrorReason.ERROR_REASON_UNSPECIFIED, ErrorReason.UNRECOGNIZED));
    missing.removeAll(runner.observations().reasons());
    missing.removeIf(reason -> excused.excuses(reason, runner.declared()));
    assertThat(missing).as("reasons that a client can cause and no case provoked").isEmpty();
  }
}
