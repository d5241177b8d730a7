package dev.drover.server.lifecycle;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.Multibinder;
import dev.drover.server.access.LivePolicy;
import dev.drover.server.access.PermissionPolicy;
import dev.drover.server.activity.JobPulse;
import dev.drover.server.activity.OpenCalls;
import dev.drover.server.activity.OpenWork;
import dev.drover.server.argument.ArgumentRules;
import dev.drover.server.audit.AuditLog;
import dev.drover.server.audit.JsonAuditLog;
import dev.drover.server.config.DaemonConfig;
import dev.drover.server.driver.DriverRegistry;
import dev.drover.server.failure.FailureMapper;
import dev.drover.server.guard.CallAdmission;
import dev.drover.server.guard.CallerShares;
import dev.drover.server.guard.GuardInterceptor;
import dev.drover.server.guard.RequestAdmission;
import dev.drover.server.guard.RuleTable;
import dev.drover.server.identity.CallerSource;
import dev.drover.server.ledger.RequestLedger;
import dev.drover.server.service.BlockService;
import dev.drover.server.service.DaemonIdentity;
import dev.drover.server.service.DomainService;
import dev.drover.server.service.EventService;
import dev.drover.server.service.HostService;
import dev.drover.server.service.JobService;
import dev.drover.server.service.PermissionExplainer;
import dev.drover.server.service.SnapshotService;
import dev.drover.server.service.TestControlService;
import dev.drover.server.service.WaitInspector;
import dev.drover.server.store.SqliteDatabase;
import dev.drover.server.tracing.CallTracer;
import dev.drover.server.transport.CallExecutors;
import dev.drover.server.watch.JobStreams;
import dev.drover.server.watch.OpenStreams;
import dev.drover.server.watch.Timers;
import dev.drover.server.watch.WatchStreams;
import io.grpc.BindableService;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.stream.Stream;

/** The composition root: every object between the transport and the drivers, bound by name. */
final class DaemonModule extends AbstractModule {

  private static final int CHANNELZ_PAGE = 100;

  private final DaemonSetup setup;
  private final DriverRegistry drivers;
  private final RequestLedger ledger;
  private final Workers workers;
  private final LivePolicy policy;
  private final Transports transports;
  private final Telemetry telemetry;
  private final SqliteDatabase database;

  DaemonModule(
      DaemonSetup setup,
      DriverRegistry drivers,
      RequestLedger ledger,
      Workers workers,
      LivePolicy policy,
      Transports transports,
      Telemetry telemetry,
      SqliteDatabase database) {
    this.setup = setup;
    this.drivers = drivers;
    this.ledger = ledger;
    this.workers = workers;
    this.policy = policy;
    this.transports = transports;
    this.telemetry = telemetry;
    this.database = database;
  }

  @Override
  protected void configure() {
    binder().requireExplicitBindings();
    binder().requireAtInjectOnConstructors();
    binder().requireExactBindingAnnotations();
    binder().disableCircularProxies();

    bind(DaemonSetup.class).toInstance(setup);
    bind(DaemonConfig.Limits.class).toInstance(setup.config().limits());
    bind(InstantSource.class).toInstance(setup.clock());
    bind(DriverRegistry.class).toInstance(drivers);
    bind(RequestLedger.class).toInstance(ledger);
    bind(OpenCalls.class).toInstance(telemetry.calls());
    bind(OpenWork.class).toInstance(telemetry.work());
    bind(JobPulse.class).toInstance(telemetry.jobs());
    bind(CallTracer.class).toInstance(telemetry.tracer());
    bind(SqliteDatabase.class).toInstance(database);
    bind(ExecutorService.class).toInstance(workers.blocking());
    bind(Timers.class).toInstance(workers);
    bind(DaemonIdentity.class).toInstance(Host.identity());
    bind(FailureMapper.class).toInstance(new FailureMapper());
    bind(ArgumentRules.class).toInstance(new ArgumentRules());
    bind(OpenStreams.class).toInstance(new OpenStreams());
    bind(HealthStatusManager.class).toInstance(new HealthStatusManager());
    bind(Transports.class).toInstance(transports);
    bind(CallerSource.class).toInstance(transports.callers());
    bind(AuditLog.class).toInstance(new JsonAuditLog());
    bind(LivePolicy.class).toInstance(policy);
    bind(PermissionPolicy.class).toInstance(policy);

    bind(CallAdmission.class).in(Singleton.class);
    bind(RequestAdmission.class).in(Singleton.class);
    bind(CallerShares.class).in(Singleton.class);
    bind(GuardInterceptor.class).in(Singleton.class);
    bind(JobStreams.class).in(Singleton.class);
    bind(CallExecutors.class).in(Singleton.class);
    bind(Serving.class).in(Singleton.class);

    bind(DomainService.class).toInstance(new DomainService());
    bind(BlockService.class).toInstance(new BlockService());
    bind(SnapshotService.class).toInstance(new SnapshotService());
    bind(PermissionExplainer.class).in(Singleton.class);
    bind(WaitInspector.class).in(Singleton.class);
    bind(HostService.class).in(Singleton.class);
    bind(JobService.class).in(Singleton.class);
    bind(EventService.class).in(Singleton.class);

    Multibinder<BindableService> services =
        Multibinder.newSetBinder(binder(), BindableService.class);
    services.addBinding().to(HostService.class);
    services.addBinding().to(DomainService.class);
    services.addBinding().to(BlockService.class);
    services.addBinding().to(SnapshotService.class);
    services.addBinding().to(JobService.class);
    services.addBinding().to(EventService.class);
    if (drivers.connections().stream().anyMatch(one -> one.testControl().isPresent())) {
      services.addBinding().toInstance(new TestControlService());
    }
    services.addBinding().toInstance(ProtoReflectionServiceV1.newInstance());
    services.addBinding().toInstance(olderReflection());
    services.addBinding().toInstance(ChannelzService.newInstance(CHANNELZ_PAGE));
  }

  @SuppressWarnings("deprecation") // for tools that know the older protocol alone
  private static BindableService olderReflection() {
    return ProtoReflectionService.newInstance();
  }

  @Provides
  @Singleton
  WatchStreams watches(OpenStreams open) {
    return new WatchStreams(
        setup.config().limits(), open, workers.streams(), workers, setup.clock());
  }

  @Provides
  @Singleton
  RuleTable rules(Set<BindableService> services, HealthStatusManager health) {
    return new RuleTable(
        Stream.concat(services.stream(), Stream.of(health.getHealthService()))
            .map(BindableService::bindService)
            .toList());
  }
}
