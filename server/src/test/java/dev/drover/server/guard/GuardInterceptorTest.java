package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.drover.server.access.Grant;
import dev.drover.server.access.PermissionPolicy;
import dev.drover.server.activity.CallEnd;
import dev.drover.server.activity.OngoingCall;
import dev.drover.server.audit.AuditRecord;
import dev.drover.server.guard.GuardBench.Transport;
import dev.drover.server.tracing.CallTrace;
import dev.drover.spi.Caller;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.StartDomainResponse;
import dev.drover.v1.WatchJobRequest;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A4, R23, R30: who gets to the guards of the request, and what is told of every call's end. */
class GuardInterceptorTest {

  private static final String START = "drover.v1.DomainService/StartDomain";
  private static final StartDomainRequest WEB =
      StartDomainRequest.newBuilder()
          .setDomain(DomainRef.newBuilder().setName("web"))
          .setRequestId("r1")
          .build();
  private static final PermissionPolicy EVERYTHING = (_, _) -> new Grant.Everywhere();
  private static final PermissionPolicy NOTHING = (_, _) -> new Grant.Nothing();

  private final GuardBench bench = bench(Optional.of(GuardBench.ADA), EVERYTHING);
  private final Transport<StartDomainRequest, StartDomainResponse> transport =
      new Transport<>(DomainServiceGrpc.getStartDomainMethod());
  private final Metadata headers = new Metadata();

  private static GuardBench bench(Optional<Caller> caller, PermissionPolicy policy) {
    return new GuardBench(
        caller,
        policy,
        new DomainServiceGrpc.DomainServiceImplBase() {}.bindService(),
        new JobServiceGrpc.JobServiceImplBase() {}.bindService(),
        new HealthGrpc.HealthImplBase() {}.bindService());
  }

  @BeforeEach
  void aDomain() {
    bench.driver.put("web");
  }

  /** A service that is never done. */
  private static <Q, R> ServerCallHandler<Q, R> idle() {
    return (_, _) -> new ServerCall.Listener<>() {};
  }

  /** A service that ends a call as it is told to. */
  private static <Q, R> ServerCallHandler<Q, R> ending(Status status) {
    return (call, _) ->
        new ServerCall.Listener<>() {
          @Override
          public void onHalfClose() {
            call.close(status, new Metadata());
          }
        };
  }

  private ServerCall.Listener<StartDomainRequest> start(
      ServerCallHandler<StartDomainRequest, StartDomainResponse> service) {
    return bench.interceptor.interceptCall(transport, headers, service);
  }

  private static <Q> void whole(ServerCall.Listener<Q> call, Q request) {
    call.onMessage(request);
    call.onHalfClose();
  }

  @Test
  void theEndOfACallThatChangesSomethingIsToldToEverybody() {
    headers.put(ClientMetadata.URI, "test:///default");
    headers.put(ClientMetadata.TRACEPARENT, TraceTap.PARENT);
    ServerCall.Listener<StartDomainRequest> call = start(ending(Status.OK));
    OngoingCall open = only(bench.open());
    assertThat(open.method()).isEqualTo(START);
    assertThat(open.principal()).isEqualTo(GuardBench.ADA.principal());
    assertThat(open.origin()).isEqualTo(GuardBench.ADA.origin());
    assertThat(open.endless()).isFalse();
    assertThat(open.domain()).as("not read yet").isEmpty();
    call.onMessage(WEB);
    assertThat(only(bench.open()).domain()).isEqualTo("web");
    bench.pass(Duration.ofSeconds(3));
    call.onHalfClose();

    assertThat(bench.open()).isEmpty();
    assertThat(bench.trace.began).containsExactly(Optional.of(TraceTap.PARENT));
    CallEnd end = only(bench.ends);
    assertThat(end.method()).isEqualTo(START);
    assertThat(end.streaming()).isFalse();
    assertThat(end.code()).isEqualTo("OK");
    assertThat(end.reason()).isEqualTo("OK");
    assertThat(bench.trace.ends).containsExactly(end);
    assertThat(bench.trace.abouts)
        .containsExactly(new CallTrace.About(open.callId(), "test:///default", "web", ""));
    AuditRecord entry = only(bench.audit);
    assertThat(entry.callId()).isEqualTo(open.callId()).hasSize(16);
    assertThat(entry.principal()).isEqualTo(GuardBench.ADA.principal());
    assertThat(entry.origin()).isEqualTo(GuardBench.ADA.origin());
    assertThat(entry.method()).isEqualTo(START);
    assertThat(entry.uri()).isEqualTo("test:///default");
    assertThat(entry.subject()).isEqualTo(Map.of("domain", "web", "request_id", "r1"));
    assertThat(entry.result()).isEqualTo("OK");
    assertThat(entry.duration()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void aFailureIsToldWithCodeAndReason() {
    whole(start(ending(Status.CANCELLED)), WEB);
    CallEnd end = only(bench.ends);
    assertThat(end.code()).isEqualTo("CANCELLED");
    assertThat(end.reason()).isEqualTo("CALL_CANCELLED");
    assertThat(only(bench.audit).result()).isEqualTo("CALL_CANCELLED");
  }

  @Test
  void callsThatReadAreNotOnTheAuditRecord() {
    var get = new Transport<>(DomainServiceGrpc.getGetDomainMethod());
    whole(
        bench.interceptor.interceptCall(get, headers, ending(Status.OK)),
        GetDomainRequest.newBuilder().setDomain(WEB.getDomain()).build());
    assertThat(get.sent).containsExactly("OK");
    assertThat(bench.audit).isEmpty();
    assertThat(bench.trace.abouts).extracting(CallTrace.About::domain).containsExactly("web");
  }

  @Test
  void aStreamIsToldAsOne() {
    var watch = new Transport<>(JobServiceGrpc.getWatchJobMethod());
    ServerCall.Listener<WatchJobRequest> call =
        bench.interceptor.interceptCall(watch, headers, ending(Status.OK));
    assertThat(only(bench.open()).endless()).isTrue();
    whole(call, WatchJobRequest.newBuilder().setJobId("j").build());
    assertThat(only(bench.ends).streaming()).isTrue();
    assertThat(bench.trace.abouts).extracting(CallTrace.About::job).containsExactly("j");
  }

  /** R29: a place among the calls of a caller is given back when a call ends, however that is. */
  @Test
  void placesAreGivenBack() {
    List<ServerCall.Listener<StartDomainRequest>> open = new ArrayList<>();
    for (int i = 0; i < GuardBench.MOST_CALLS; i++) {
      open.add(
          bench.interceptor.interceptCall(
              new Transport<>(DomainServiceGrpc.getStartDomainMethod()), headers, idle()));
    }
    whole(start(ending(Status.OK)), WEB);
    assertThat(transport.sent).containsExactly("LIMIT_EXCEEDED");

    open.getFirst().onCancel();
    var later = new Transport<>(DomainServiceGrpc.getStartDomainMethod());
    whole(bench.interceptor.interceptCall(later, headers, ending(Status.OK)), WEB);
    assertThat(later.sent).containsExactly("OK");
  }

  /** R30: what was refused is read, so that the record tells what it was about. */
  @Test
  void aRefusedChangeIsReadAndRecorded() {
    headers.put(ClientMetadata.READ_ONLY, "true");
    ServerCall.Listener<StartDomainRequest> call = start(unreachable());
    assertThat(transport.requested).isEqualTo(2);
    assertThat(transport.sent).as("refused before it was read").isEmpty();
    call.onMessage(WEB);
    assertThat(transport.sent).containsExactly("READ_ONLY_CONNECTION");
    call.onHalfClose();
    AuditRecord entry = only(bench.audit);
    assertThat(entry.result()).isEqualTo("READ_ONLY_CONNECTION");
    assertThat(entry.subject()).containsEntry("domain", "web");
    assertThat(entry.principal()).isEqualTo(GuardBench.ADA.principal());
  }

  /** R30: what nobody asked for to its end is refused and recorded all the same. */
  @Test
  void aRefusedChangeWithoutARequestIsRecorded() {
    headers.put(ClientMetadata.READ_ONLY, "true");
    start(unreachable()).onHalfClose();
    assertThat(transport.sent).containsExactly("READ_ONLY_CONNECTION");
    assertThat(only(bench.audit).subject()).isEmpty();
  }

  @Test
  void aRefusedChangeThatItsClientLeavesIsOver() {
    headers.put(ClientMetadata.READ_ONLY, "true");
    start(unreachable()).onCancel();
    assertThat(transport.sent).isEmpty();
    assertThat(only(bench.audit).result()).isEqualTo("CALL_CANCELLED");
    assertThat(bench.open()).isEmpty();
  }

  @Test
  void aRefusedChangeThatIsOverIsNotReadAnyMore() {
    headers.put(ClientMetadata.READ_ONLY, "true");
    ServerCall.Listener<StartDomainRequest> call = start(unreachable());
    transport.cancelled = true;
    call.onMessage(WEB);
    assertThat(only(bench.audit).subject()).isEmpty();
  }

  /** A7: with its arguments when it begins, with its result when it has ended. */
  @Test
  void aCallIsLoggedAtBothEnds() {
    Logger logger = (Logger) LoggerFactory.getLogger("dev.drover.call");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.INFO);
    try {
      ServerCall.Listener<StartDomainRequest> call = start(ending(Status.OK));
      call.onMessage(WEB);
      assertThat(lines.list).hasSize(1);
      assertThat(lines.list.getFirst().getFormattedMessage()).contains(START, "web");
      call.onHalfClose();
      assertThat(lines.list).hasSize(2);
      assertThat(lines.list.getLast().getFormattedMessage()).isEqualTo(START + " ended");
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(null);
    }
  }

  @Test
  void aRefusedReadIsOverAtOnce() {
    GuardBench denying = bench(Optional.of(GuardBench.ADA), NOTHING);
    var get = new Transport<>(DomainServiceGrpc.getGetDomainMethod());
    ServerCall.Listener<GetDomainRequest> call =
        denying.interceptor.interceptCall(get, headers, unreachable());
    assertThat(get.sent).containsExactly("PERMISSION_DENIED");
    whole(call, GetDomainRequest.getDefaultInstance());
    assertThat(get.sent).hasSize(1);
    assertThat(get.requested).isZero();
    assertThat(only(denying.ends).method()).endsWith("GetDomain");
    assertThat(denying.audit).isEmpty();
  }

  @Test
  void whoIsNotProvenIsRecordedWithoutAName() {
    GuardBench anonymous = bench(Optional.empty(), EVERYTHING);
    ServerCall.Listener<StartDomainRequest> call =
        anonymous.interceptor.interceptCall(transport, headers, unreachable());
    assertThat(only(anonymous.open()).principal()).isEmpty();
    assertThat(only(anonymous.open()).method()).isEqualTo(START);
    whole(call, WEB);
    assertThat(transport.sent).containsExactly("PERMISSION_DENIED");
    assertThat(only(anonymous.audit).principal()).isEmpty();
  }

  /** What clients make up never becomes a label of metrics. */
  @Test
  void aMethodThatThereIsNotIsToldWithoutAName() {
    MethodDescriptor<StartDomainRequest, StartDomainResponse> unknown =
        DomainServiceGrpc.getStartDomainMethod().toBuilder()
            .setType(MethodType.UNKNOWN)
            .setFullMethodName("drover.v1.DomainService/Explode")
            .build();
    var outgoing = new Transport<>(unknown);
    whole(bench.interceptor.interceptCall(outgoing, headers, unreachable()), WEB);
    assertThat(outgoing.sent).containsExactly("NOT_SUPPORTED");
    assertThat(only(bench.ends).method()).isEmpty();
    assertThat(bench.audit).isEmpty();
    assertThat(bench.open()).isEmpty();
  }

  @Test
  void aMethodWithoutARuleIsDenied() {
    MethodDescriptor<StartDomainRequest, StartDomainResponse> ruleless =
        DomainServiceGrpc.getStartDomainMethod().toBuilder()
            .setFullMethodName("drover.v1.DomainService/Explode")
            .build();
    var outgoing = new Transport<>(ruleless);
    whole(bench.interceptor.interceptCall(outgoing, headers, unreachable()), WEB);
    assertThat(outgoing.sent).containsExactly("METHOD_WITHOUT_RULE");
  }

  /**
   * Services beside the API get their calls as they come, and their ends are told as others are.
   */
  @Test
  void aStandardServiceAnswersByItself() {
    var check = new Transport<>(HealthGrpc.getCheckMethod());
    List<String> heard = new ArrayList<>();
    ServerCallHandler<HealthCheckRequest, HealthCheckResponse> health =
        (call, _) ->
            new ServerCall.Listener<>() {
              @Override
              public void onMessage(HealthCheckRequest message) {
                heard.add("message");
              }

              @Override
              public void onHalfClose() {
                heard.add("run");
                call.close(Status.OK, new Metadata());
              }

              @Override
              public void onCancel() {
                heard.add("cancel");
              }
            };
    whole(
        bench.interceptor.interceptCall(check, headers, health),
        HealthCheckRequest.getDefaultInstance());
    assertThat(heard).containsExactly("message", "run");
    assertThat(check.sent).containsExactly("OK");
    assertThat(only(bench.ends).method()).isEqualTo("grpc.health.v1.Health/Check");

    var watch = new Transport<>(HealthGrpc.getWatchMethod());
    bench.interceptor.interceptCall(watch, headers, health).onCancel();
    assertThat(heard).containsExactly("message", "run", "cancel");
    assertThat(bench.ends.getLast().reason()).isEqualTo("CALL_CANCELLED");
    assertThat(bench.ends.getLast().streaming()).isTrue();
    assertThat(bench.open()).isEmpty();
  }

  @Test
  void aServiceThatCannotBeginIsAnInternalError() {
    var check = new Transport<>(HealthGrpc.getCheckMethod());
    ServerCallHandler<HealthCheckRequest, HealthCheckResponse> broken =
        (_, _) -> {
          throw new IllegalStateException("secret");
        };
    whole(
        bench.interceptor.interceptCall(check, headers, broken),
        HealthCheckRequest.getDefaultInstance());
    assertThat(check.sent).containsExactly("INTERNAL");
    assertThat(bench.open()).isEmpty();
  }

  private static <Q, R> ServerCallHandler<Q, R> unreachable() {
    return (_, _) -> {
      throw new AssertionError("the service was reached");
    };
  }

  private static <T> T only(List<T> all) {
    assertThat(all).hasSize(1);
    return all.getFirst();
  }
}
