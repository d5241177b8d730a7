package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.server.config.ConfigReader;
import dev.drover.spi.Caller;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Effect;
import dev.drover.v1.ErrorReason;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** R29: one caller cannot take all of the daemon, and whoever looks after it always gets in. */
class CallerSharesTest {

  private static final Caller ANN = new Caller("uid:1001", "");
  private static final Caller BOB = new Caller("uid:1002", "");
  private static final MethodRule READ = rule("domain.read", true);

  private final CallerShares two = shares(2);

  @Test
  void theNextCallIsRefusedUntilOneHasEnded() {
    Runnable first = two.enter(ANN, READ).orElseThrow();
    Runnable second = two.enter(ANN, READ).orElseThrow();
    DriverException refusal = refused(ANN);
    assertThat(refusal.metadata())
        .containsEntry("limit", "calls_per_caller")
        .containsEntry("maximum", "2");
    first.run();
    Runnable third = two.enter(ANN, READ).orElseThrow();
    refused(ANN);
    second.run();
    third.run();
    assertThat(two.enter(ANN, READ)).isPresent();
    assertThat(two.enter(ANN, READ)).isPresent();
    refused(ANN);
  }

  @Test
  void whatWasRefusedIsNotCounted() {
    Runnable first = two.enter(ANN, READ).orElseThrow();
    var _ = two.enter(ANN, READ);
    for (int i = 0; i < 5; i++) {
      refused(ANN);
    }
    first.run();
    assertThat(two.enter(ANN, READ)).isPresent();
  }

  @Test
  void othersAreNotHeldUp() {
    var _ = two.enter(ANN, READ);
    var _ = two.enter(ANN, READ);
    assertThat(two.enter(BOB, READ)).isPresent();
  }

  @Test
  void whoLooksAfterTheDaemonAndWhoAsksForItsHealthGetThrough() {
    var _ = two.enter(ANN, READ);
    var _ = two.enter(ANN, READ);
    assertThat(two.enter(ANN, rule("host.admin", true))).isEmpty();
    assertThat(two.enter(ANN, rule("host.read", false))).isEmpty();
  }

  @Test
  void withoutALimitNothingIsCounted() {
    CallerShares unlimited = shares(0);
    for (int i = 0; i < 100; i++) {
      assertThat(unlimited.enter(ANN, READ)).isEmpty();
    }
  }

  private DriverException refused(Caller caller) {
    DriverException refusal =
        catchThrowableOfType(DriverException.class, () -> two.enter(caller, READ));
    assertThat(Optional.ofNullable(refusal).map(DriverException::reason))
        .contains(ErrorReason.ERROR_REASON_LIMIT_EXCEEDED);
    return refusal;
  }

  private static CallerShares shares(int most) {
    return new CallerShares(ConfigReader.defaults().limits().withCallsPerCaller(most));
  }

  private static MethodRule rule(String permission, boolean drover) {
    return new MethodRule("a/b", "a", permission, Effect.EFFECT_READS, false, drover);
  }
}
