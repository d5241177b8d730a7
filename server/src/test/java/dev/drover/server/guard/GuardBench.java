package dev.drover.server.guard;

import dev.drover.server.access.PermissionPolicy;
import dev.drover.server.activity.CallEnd;
import dev.drover.server.activity.OngoingCall;
import dev.drover.server.activity.OpenCalls;
import dev.drover.server.argument.ArgumentRules;
import dev.drover.server.audit.AuditRecord;
import dev.drover.server.config.ConfigReader;
import dev.drover.server.config.DaemonConfig.Limits;
import dev.drover.server.driver.DriverConnection;
import dev.drover.server.driver.DriverRegistry;
import dev.drover.server.failure.FailureMapper;
import dev.drover.server.fake.FakeDriver;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.server.ledger.RequestLedger;
import dev.drover.server.watch.EventHub;
import dev.drover.server.watch.Timers;
import dev.drover.spi.Caller;
import dev.drover.spi.DaemonMode;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverLimits;
import dev.drover.spi.DriverSettings;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.store.MemoryStore;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;

/**
 * The guards of a daemon without its transports: calls come in by hand, time stands until a test
 * moves it, and what goes out is kept.
 */
final class GuardBench {

  static final Caller ADA = new Caller("x509:dns:ada", "tcp 10.0.0.1");

  /** Calls at a time of one caller. */
  static final int MOST_CALLS = 2;

  static final Duration USUAL_DEADLINE = Duration.ofSeconds(30);

  private static final String URI = "test:///default";

  /** A task that is to run later. */
  static final class Later {
    final Duration delay;
    final Runnable task;
    boolean cancelled;

    Later(Duration delay, Runnable task) {
      this.delay = delay;
      this.task = task;
    }
  }

  final List<Later> timers = new ArrayList<>();
  final List<AuditRecord> audit = new ArrayList<>();
  final List<CallEnd> ends = new ArrayList<>();
  final TraceTap trace = new TraceTap();
  final FakeDriver driver;
  final GuardInterceptor interceptor;
  private final OpenCalls open = new OpenCalls(List.of(ends::add));
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  /** The guards before some services, for a daemon whose transport proves a caller or none. */
  GuardBench(
      Optional<Caller> caller, PermissionPolicy policy, ServerServiceDefinition... services) {
    FakeProvider provider = FakeProvider.complete();
    EventHub events = new EventHub(1, 16);
    MemoryStore store = new MemoryStore();
    DriverConnection connection =
        DriverConnection.of("test", "", provider.open(context(store)), events);
    driver = provider.driver();
    Limits all = ConfigReader.defaults().limits();
    Limits limits =
        new Limits(
            all.messageBytes(),
            all.callsPerConnection(),
            all.watchers(),
            all.eventHistory(),
            USUAL_DEADLINE,
            all.maximumDeadline(),
            all.requestRecords(),
            all.requestRecordAge(),
            MOST_CALLS,
            all.driver());
    RequestAdmission requests =
        new RequestAdmission(
            limits,
            policy,
            new ArgumentRules(),
            new DriverRegistry(
                DaemonMode.SESSION, Optional.of(URI), List.of(connection), List.of()),
            new RequestLedger(store, () -> now, 100, Duration.ofHours(1)),
            () -> now,
            this::after);
    interceptor =
        new GuardInterceptor(
            new CallAdmission(_ -> caller, new RuleTable(Arrays.asList(services)), policy),
            requests,
            new FailureMapper(),
            audit::add,
            () -> now,
            open,
            new CallerShares(limits),
            trace);
  }

  private DriverContext context(MemoryStore store) {
    return new DriverContext(
        DaemonMode.SESSION,
        store,
        () -> now,
        _ -> {},
        Activities.UNOBSERVED,
        ForkJoinPool.commonPool(),
        Executors.newScheduledThreadPool(0),
        Path.of("/nowhere"),
        Path.of("/nowhere"),
        new DriverSettings(Map.of()),
        DriverLimits.NONE);
  }

  private Timers.Pending after(Duration delay, Runnable task) {
    Later later = new Later(delay, task);
    timers.add(later);
    return () -> later.cancelled = true;
  }

  /** Lets time pass. */
  void pass(Duration duration) {
    now = now.plus(duration);
  }

  /** What is told of calls that have not ended. */
  List<OngoingCall> open() {
    return open.list();
  }

  /** What goes out to the client of one call. */
  static final class Transport<Q, R> extends ServerCall<Q, R> {
    private final MethodDescriptor<Q, R> method;
    final List<String> sent = new ArrayList<>();
    int requested;
    boolean cancelled;

    Transport(MethodDescriptor<Q, R> method) {
      this.method = method;
    }

    @Override
    public void request(int messages) {
      requested += messages;
    }

    @Override
    public void sendHeaders(Metadata headers) {
      sent.add("headers");
    }

    @Override
    public void sendMessage(R message) {
      sent.add("message");
    }

    @Override
    public void close(Status status, Metadata trailers) {
      sent.add(
          status.isOk()
              ? "OK"
              : RunningDaemon.info(status.asRuntimeException(trailers)).getReason());
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public MethodDescriptor<Q, R> getMethodDescriptor() {
      return method;
    }
  }
}
