package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.drover.server.activity.CallEnd;
import dev.drover.server.tracing.CallTrace;
import dev.drover.spi.Caller;
import dev.drover.v1.DomainRef;
import dev.drover.v1.Effect;
import dev.drover.v1.StartDomainRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** A7: a call is told when it begins and when it ends, and its lines are found by what it is. */
class CallLogTest {

  private static final String START = "drover.v1.DomainService/StartDomain";
  private static final String GET = "drover.v1.DomainService/GetDomain";
  private static final StartDomainRequest REQUEST =
      StartDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setName("web")).build();

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.drover.call");
  private final ListAppender<ILoggingEvent> lines =
      new ListAppender<>() {
        @Override
        protected void append(ILoggingEvent line) {
          // With the marks of the thread, which are looked up late.
          line.prepareForDeferredProcessing();
          super.append(line);
        }
      };

  /** The trace of a call that is traced. */
  private static final class Traced implements CallTrace {
    @Override
    public String traceparent() {
      return "00-t1-s1-01";
    }

    @Override
    public String traceId() {
      return "t1";
    }

    @Override
    public Scope enter() {
      return Scope.NONE;
    }

    @Override
    public void inDriver(String scheme, Runnable work) {
      work.run();
    }

    @Override
    public void ended(CallEnd end, About about) {}
  }

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
    logger.setLevel(Level.DEBUG);
  }

  @AfterEach
  void leave() {
    logger.detachAppender(lines);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  private static MethodRule rule(String method, Effect effect) {
    return new MethodRule(method, "drover.v1.DomainService", "domain.read", effect, false, true);
  }

  private static CallRecord call(MethodRule rule, CallTrace trace) {
    CallRecord call = new CallRecord("c1", rule.method(), Instant.EPOCH, trace);
    call.caller(new Caller("uid:1001", "unix"));
    call.uri("test:///default");
    call.rule(rule);
    call.subject(RequestSubject.of(REQUEST));
    return call;
  }

  private static void tell(MethodRule rule) {
    CallRecord call = call(rule, CallTrace.NONE);
    CallLog.began(call, rule, REQUEST);
    CallLog.ended(call, "DOMAIN_BUSY", Duration.ofMillis(42));
  }

  private static String pairs(ILoggingEvent line) {
    return Optional.ofNullable(line.getKeyValuePairs()).stream()
        .flatMap(pairs -> pairs.stream())
        .map(pair -> pair.key + "=" + pair.value)
        .collect(Collectors.joining(" "));
  }

  @Test
  void aChangeIsToldWithItsArgumentsAndHowItEnded() {
    logger.setLevel(Level.INFO);
    tell(rule(START, Effect.EFFECT_MUTATES));
    assertThat(lines.list).extracting(ILoggingEvent::getLevel).containsOnly(Level.INFO);
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(START + " {domain { name: \"web\" }}", START + " ended");
    assertThat(lines.list)
        .extracting(CallLogTest::pairs)
        .containsExactly("principal=uid:1001 uri=test:///default", "result=DOMAIN_BUSY ms=42");
    assertThat(lines.list.getLast().getMDCPropertyMap())
        .containsEntry("call", "c1")
        .containsEntry("domain", "web");
  }

  @Test
  void aReadIsToldAtDebugOnly() {
    tell(rule(GET, Effect.EFFECT_READS));
    assertThat(lines.list).extracting(ILoggingEvent::getLevel).containsOnly(Level.DEBUG);
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(GET + " {domain { name: \"web\" }}", GET + " ended");
    logger.setLevel(Level.INFO);
    tell(rule(GET, Effect.EFFECT_READS));
    assertThat(lines.list).hasSize(2);
  }

  @Test
  void aMarkIsOnTheLinesOfItsCallAndGoneAfterwards() {
    CallRecord call = call(rule(START, Effect.EFFECT_MUTATES), new Traced());
    try (CallLog.Mark _ = CallLog.mark(call)) {
      assertThat(MDC.getCopyOfContextMap())
          .containsEntry("call", "c1")
          .containsEntry(CallTrace.MARK, "t1")
          .containsEntry("domain", "web");
      try (CallLog.Mark _ = CallLog.mark(call)) {
        assertThat(MDC.get("call")).isEqualTo("c1");
      }
      assertThat(MDC.get("call")).as("only who set the mark takes it away").isEqualTo("c1");
    }
    for (String key : new String[] {"call", CallTrace.MARK, "domain"}) {
      assertThat(MDC.get(key)).as(key).isNull();
    }
  }

  @Test
  void aCallThatIsNotTracedHasNoMarkOfATrace() {
    CallRecord call = call(rule(START, Effect.EFFECT_MUTATES), CallTrace.NONE);
    try (CallLog.Mark _ = CallLog.mark(call)) {
      assertThat(MDC.get(CallTrace.MARK)).isNull();
    }
  }
}
