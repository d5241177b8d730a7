package dev.drover.qemu.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.qemu.config.QemuSettings;
import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.probe.AccelerationProbe;
import dev.drover.qemu.probe.CapturedSchemas;
import dev.drover.qemu.probe.QemuProbe;
import dev.drover.qemu.process.ProcessIdentity;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.qmp.FakeQemu;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.qemu.qmp.RunState;
import dev.drover.qemu.qmp.RunStatus;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.DaemonMode;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverSettings;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.store.MemoryStore;
import dev.drover.spi.store.Store;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.SuspendDomainRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** D15, R6: what QEMU tells of an order is dealt with long after the order was carried out. */
class LateEventsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String UUID = "11111111-2222-3333-4444-555555555555";
  private static final String RUNS = "{\"running\": true, \"status\": \"running\"}";
  private static final String PAUSED = "{\"running\": false, \"status\": \"paused\"}";
  private static final DomainRef GUEST = DomainRef.newBuilder().setUuid(UUID).build();

  @TempDir Path directory;
  private final QmpEventLoop loop = new QmpEventLoop(Activities.UNOBSERVED);
  private final Store store = new MemoryStore();
  private final List<DriverEvent> told = new CopyOnWriteArrayList<>();
  private final HeldBackThreads threads = new HeldBackThreads();
  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
  private final RuntimeRecords records = new RuntimeRecords(store);
  private final LiveDomains lives = new LiveDomains();
  private DriverContext context;
  private DomainBook book;
  private FakeQemu qemu;
  private DomainSubsystem subsystem;
  private LiveDomain live;

  /** The fake is a thread of this process, so this process is what the driver takes over. */
  @BeforeEach
  void takeOver() throws IOException {
    RunFiles files = new RunFiles(Files.createDirectory(directory.resolve("run")));
    qemu = FakeQemu.listening(files.monitor(), CapturedSchemas.QEMU_7_2.schema());
    qemu.always("qmp_capabilities").thenReturn("{}");
    qemu.always("query-uuid").thenReturn("{\"UUID\": \"%s\"}".formatted(UUID));
    qemu.always("query-status").thenReturn(RUNS);
    ProcessIdentity own = ProcessIdentity.ofLiving(ProcessHandle.current().pid()).orElseThrow();
    DomainSpec spec = DomainSpec.newBuilder().setUuid(UUID).setName("guest").build();
    records.put(
        new RuntimeRecord(
            RuntimeRecord.Phase.RUNNING,
            Domain.newBuilder()
                .setSpec(spec)
                .setStatus(DomainStatus.newBuilder().setId(1).setLiveSpec(spec))
                .build(),
            files.directory(),
            own.pid(),
            own.startTicks(),
            own.bootId(),
            0,
            List.of(),
            GuestInterventions.NONE));
    context =
        new DriverContext(
            DaemonMode.SESSION,
            store,
            Clock.systemUTC(),
            told::add,
            Activities.UNOBSERVED,
            threads,
            timers,
            directory,
            directory,
            new DriverSettings(Map.of()));
    book = new DomainBook(store, context.clock(), context.events());
    QemuSettings settings = QemuSettings.of(context.settings());
    Path probes = directory.resolve("probe");
    ImagePaths paths = new ImagePaths(List.of());
    subsystem =
        new DomainSubsystem(
            context,
            loop,
            book,
            new DomainLanes(context.clock(), context.activities()),
            new JobBook(store, context.clock(), context.events()),
            new SnapshotBook(store, context.clock(), context.events()),
            lives,
            records,
            paths,
            new OpeningCheck(paths),
            new Hypervisor(settings, new QemuProbe(loop, probes, probes)),
            new Accelerations(
                settings, new AccelerationProbe(probes, AccelerationProbe.DEFAULT_LIMIT)));
    subsystem.adopt();
    live = lives.find(UUID).orElseThrow();
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    told.clear();
  }

  @AfterEach
  void close() {
    threads.begin();
    subsystem.close();
    loop.close();
    qemu.close();
    timers.shutdownNow();
    callers.shutdownNow();
    threads.shutdownNow();
  }

  @Test
  @DisplayName("A hold that ended before its user suspends the guest is never seen")
  void heldThenSuspended() throws Exception {
    stops();
    goesOn();
    stops();
    CompletableFuture<Void> orders =
        CompletableFuture.runAsync(
            () -> {
              live.processors().hold("job").release();
              suspend(PATIENCE);
            },
            callers);

    beginLate(orders);

    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    awaitEvents();
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(states()).containsExactly(EventKind.EVENT_KIND_DOMAIN_SUSPENDED);
    qemu.verify();
  }

  @Test
  @DisplayName("A guest that is resumed and suspended again is told so once each")
  void resumedThenSuspended() throws Exception {
    stops();
    goesOn();
    stops();
    CompletableFuture<Void> orders =
        CompletableFuture.runAsync(
            () -> {
              suspend(PATIENCE);
              resume();
              suspend(PATIENCE);
            },
            callers);

    beginLate(orders);

    awaitEvents();
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(states())
        .containsExactly(
            EventKind.EVENT_KIND_DOMAIN_SUSPENDED,
            EventKind.EVENT_KIND_DOMAIN_RESUMED,
            EventKind.EVENT_KIND_DOMAIN_SUSPENDED);
  }

  @Test
  @DisplayName("While events are stuck a call ends by its deadline, and so does the next one")
  void stuck() {
    stops();
    for (int i = 0; i < 2; i++) {
      assertThatExceptionOfType(DriverException.class)
          .isThrownBy(() -> suspend(Duration.ofMillis(200)))
          .satisfies(
              refused ->
                  assertThat(refused.reason())
                      .isIn(
                          ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
                          ErrorReason.ERROR_REASON_DOMAIN_BUSY));
    }
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);

    threads.begin();

    await().atMost(PATIENCE).until(() -> state() == DomainState.DOMAIN_STATE_PAUSED);
    goesOn();
    resume();
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }

  @Test
  @DisplayName("A hold stays on record until its events are dealt with, and then no longer")
  void holdOnRecord() throws Exception {
    stops();
    goesOn();
    GuestHold hold = live.processors().hold("job");
    CompletableFuture<Void> release = CompletableFuture.runAsync(hold::release, callers);
    await().atMost(PATIENCE).until(() -> qemu.receivedNames().contains("cont"));
    assertThat(live.processors().held()).isTrue();

    threads.begin();

    release.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(live.processors().held()).isFalse();
    assertThat(states()).isEmpty();
  }

  @Test
  @DisplayName("What QEMU answered before an order does not undo what the order changed")
  void oldLook() throws IOException {
    threads.begin();
    DomainSupervisor supervisor =
        new DomainSupervisor(
            context,
            book,
            new DomainLanes(context.clock(), context.activities()),
            lives,
            records,
            new SnapshotBook(store, context.clock(), context.events()));
    Supervision supervision =
        new Supervision(
            live,
            QemuProcess.adopt(
                    ProcessIdentity.ofLiving(live.pid()).orElseThrow(),
                    directory.resolve("output"),
                    timers,
                    PATIENCE)
                .orElseThrow());
    long asked = live.processors().moves();
    stops();
    suspend(PATIENCE);

    supervisor.observe(supervision, new RunStatus(true, RunState.RUNNING), asked);

    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    supervisor.observe(
        supervision, new RunStatus(true, RunState.RUNNING), live.processors().moves());
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }

  @Test
  @DisplayName("Where more events came than could wait, QEMU is asked what they told")
  void lostEvents() {
    for (int i = 0; i < 1100; i++) {
      qemu.emit("BALLOON_CHANGE", "{\"actual\": 1}");
    }
    qemu.emit("STOP", "{}");
    qemu.always("query-status").thenReturn(PAUSED);
    // Its answer comes after all of them.
    assertThat(live.execute(new QueryCommand.QueryStatus()).running()).isFalse();

    threads.begin();

    await().atMost(PATIENCE).until(() -> state() == DomainState.DOMAIN_STATE_PAUSED);
  }

  @Test
  @DisplayName(
      "A guest that powers off to be started again is, by an order that waits for events, too")
  void startedAgain() {
    threads.begin();
    qemu.always("query-status").thenReturn("{\"running\": false, \"status\": \"shutdown\"}");
    qemu.expect("system_reset").emitBefore("RESET", "{\"guest\": false, \"reason\": \"x\"}");
    goesOn();
    qemu.expect("set-action");

    qemu.emit("SHUTDOWN", "{\"guest\": true, \"reason\": \"guest-shutdown\"}");
    qemu.emit("STOP", "{}");

    await().atMost(PATIENCE).until(() -> qemu.receivedNames().contains("set-action"));
    awaitEvents();
    assertThat(states()).containsExactly(EventKind.EVENT_KIND_DOMAIN_REBOOTED);
    qemu.verify();
  }

  /** Deals with the events once the orders wait for that, or have come through without. */
  private void beginLate(CompletableFuture<Void> orders) throws Exception {
    try {
      orders.get(500, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // They wait.
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
    threads.begin();
    orders.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private void awaitEvents() {
    qemu.emit("BALLOON_CHANGE", "{\"actual\": 12345}");
    await()
        .atMost(PATIENCE)
        .until(() -> book.require(UUID).getStatus().getCurrentMemoryBytes() == 12345);
  }

  private void stops() {
    qemu.expect("stop").emitBefore("STOP", "{}").thenReturn("{}");
  }

  private void goesOn() {
    qemu.expect("cont").emitBefore("RESUME", "{}").thenReturn("{}");
  }

  private void suspend(Duration time) {
    var _ =
        subsystem
            .domains()
            .suspend(call(time), SuspendDomainRequest.newBuilder().setDomain(GUEST).build());
  }

  private void resume() {
    var _ =
        subsystem
            .domains()
            .resume(call(PATIENCE), ResumeDomainRequest.newBuilder().setDomain(GUEST).build());
  }

  private static CallContext call(Duration time) {
    return new CallContext(
        new Caller("test", "test"), "test", Instant.now().plus(time), () -> false);
  }

  private DomainState state() {
    return book.require(UUID).getStatus().getState();
  }

  private List<EventKind> states() {
    return told.stream()
        .map(DriverEvent::kind)
        .filter(kind -> kind != EventKind.EVENT_KIND_DOMAIN_UPDATED)
        .toList();
  }
}
