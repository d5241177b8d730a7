package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.Effect;
import org.junit.jupiter.api.Test;

/** What follows from the options of a method. */
class MethodRuleTest {

  private static MethodRule rule(String method, Effect effect, boolean streaming) {
    return new MethodRule(method, "drover.v1.JobService", "job.read", effect, streaming, true);
  }

  @Test
  void streamsAndTheWaitForAJobLastAsLongAsTheirClientWants() {
    // R10
    assertThat(rule("drover.v1.JobService/WatchJob", Effect.EFFECT_READS, true).endless()).isTrue();
    assertThat(rule("drover.v1.JobService/WaitJob", Effect.EFFECT_READS, false).endless()).isTrue();
    assertThat(rule("drover.v1.JobService/GetJob", Effect.EFFECT_READS, false).endless()).isFalse();
  }

  @Test
  void whatDoesNotSayThatItReadsIsHeldToChange() {
    assertThat(rule("a/b", Effect.EFFECT_READS, false).mutates()).isFalse();
    assertThat(rule("a/b", Effect.EFFECT_MUTATES, false).mutates()).isTrue();
    assertThat(rule("a/b", Effect.EFFECT_UNSPECIFIED, false).mutates()).isTrue();
  }
}
