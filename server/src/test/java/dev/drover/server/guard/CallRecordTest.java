package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.server.activity.OngoingCall;
import dev.drover.v1.Effect;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.WaitJobRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** R4, R30: what is told of a call grows as it is found out. */
class CallRecordTest {

  private static final String WAIT = "drover.v1.JobService/WaitJob";
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final TraceTap trace = new TraceTap();
  private final long begun = System.nanoTime();
  private final CallRecord call = new CallRecord("c1", WAIT, START, trace);

  private static MethodRule rule(String method, Effect effect, boolean streaming) {
    return new MethodRule(method, "drover.v1.JobService", "domain.read", effect, streaming, true);
  }

  @Test
  void atFirstOnlyItselfIsKnown() {
    assertThat(call.callId()).isEqualTo("c1");
    assertThat(call.method()).isEqualTo(WAIT);
    assertThat(call.start()).isEqualTo(START);
    assertThat(call.trace()).isSameAs(trace);
    assertThat(call.uri()).isEmpty();
    assertThat(call.servedMethod()).isEmpty();
    assertThat(call.mutates()).isFalse();
    assertThat(call.streaming()).isFalse();
    assertThat(call.subject()).isEqualTo(RequestSubject.NOTHING);
    OngoingCall told = call.get();
    assertThat(told.callId()).isEqualTo("c1");
    assertThat(told.method()).isEmpty();
    assertThat(told.endless()).isFalse();
    assertThat(told.principal() + told.origin() + told.domain() + told.job()).isEmpty();
  }

  @Test
  void thenWhoCallsAndWhatItIsAbout() {
    call.caller(GuardBench.ADA);
    call.rule(rule(WAIT, Effect.EFFECT_READS, false));
    call.uri("test:///default");
    call.subject(RequestSubject.of(WaitJobRequest.newBuilder().setJobId("j").build()));

    assertThat(call.caller()).isEqualTo(GuardBench.ADA);
    assertThat(call.uri()).isEqualTo("test:///default");
    assertThat(call.servedMethod()).isEqualTo(WAIT);
    assertThat(call.mutates()).isFalse();
    assertThat(call.streaming()).isFalse();
    OngoingCall told = call.get();
    assertThat(told.method()).isEqualTo(WAIT);
    assertThat(told.endless()).as("a wait for a job").isTrue();
    assertThat(told.principal()).isEqualTo(GuardBench.ADA.principal());
    assertThat(told.origin()).isEqualTo(GuardBench.ADA.origin());
    assertThat(told.job()).isEqualTo("j");
  }

  @Test
  void itsRuleSaysWhetherItChangesSomethingAndWhetherItStreams() {
    call.rule(rule("drover.v1.JobService/Change", Effect.EFFECT_MUTATES, true));
    call.subject(RequestSubject.of(StartDomainRequest.getDefaultInstance()));
    assertThat(call.mutates()).isTrue();
    assertThat(call.streaming()).isTrue();
    assertThat(call.get().endless()).isTrue();
  }

  @Test
  void itsAgeIsTheTimeSinceItBegan() {
    Duration age = call.age();
    assertThat(age).isBetween(Duration.ZERO, Duration.ofNanos(System.nanoTime() - begun));
    assertThat(call.age()).isGreaterThan(age);
    assertThat(call.get().age()).isGreaterThan(age);
  }

  @Test
  void whatItCountsForIsGivenUpAtItsEnd() {
    AtomicInteger left = new AtomicInteger();
    call.giveUpShare();
    call.share(Optional.of(left::incrementAndGet));
    assertThat(left).hasValue(0);
    call.giveUpShare();
    assertThat(left).hasValue(1);
  }
}
