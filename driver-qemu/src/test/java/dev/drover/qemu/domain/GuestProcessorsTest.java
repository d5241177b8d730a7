package dev.drover.qemu.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.qemu.probe.CapturedSchemas;
import dev.drover.qemu.qmp.FakeQemu;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.qemu.qmp.RunState;
import dev.drover.qemu.qmp.RunStatus;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** D15, R2: what holds a guest's processors, and its user's will. */
class GuestProcessorsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String RUNS = "{\"running\": true, \"status\": \"running\"}";
  private static final String PAUSED = "{\"running\": false, \"status\": \"paused\"}";

  @TempDir Path directory;
  private final QmpEventLoop loop = new QmpEventLoop(Activities.UNOBSERVED);
  private final RuntimeRecords records = new RuntimeRecords(new MemoryStore());
  private FakeQemu qemu;
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private LiveDomain live;

  @BeforeEach
  void connect() throws IOException {
    qemu = FakeQemu.listening(directory.resolve("qmp"), CapturedSchemas.QEMU_7_2.schema());
    qemu.always("qmp_capabilities").thenReturn("{}");
    qemu.always("stop").thenReturn("{}");
    qemu.always("cont").thenReturn("{}");
    RuntimeRecord record =
        new RuntimeRecord(
            RuntimeRecord.Phase.RUNNING,
            Domain.newBuilder()
                .setSpec(DomainSpec.newBuilder().setUuid("u").setName("guest"))
                .build(),
            directory,
            1,
            1,
            "",
            0,
            List.of(),
            GuestInterventions.NONE);
    records.put(record);
    live = new LiveDomain(record, records, timers);
    live.connect(QmpConnection.connect(loop, directory.resolve("qmp"), PATIENCE));
  }

  @AfterEach
  void close() {
    timers.shutdownNow();
    live.disconnect();
    qemu.close();
    loop.close();
  }

  @Test
  void aGuestThatRunsIsStoppedAndGoesOn() {
    status(RUNS);
    GuestHold hold = live.processors().hold("job");
    assertThat(hold.stopped()).isTrue();
    assertThat(stored().held()).isTrue();
    assertThat(live.processors().shown(new RunStatus(false, RunState.PAUSED)).running()).isTrue();
    hold.release();
    assertThat(hold.pause()).isPresent();
    assertThat(stored()).isEqualTo(GuestInterventions.NONE);
    assertThat(orders()).containsExactly("stop", "cont");
  }

  @Test
  void aGuestThatDoesNotRunIsNeitherStoppedNorContinued() {
    status(PAUSED);
    GuestHold hold = live.processors().hold("job");
    assertThat(hold.stopped()).isFalse();
    assertThat(hold.pause()).isEmpty();
    hold.release();
    assertThat(orders()).isEmpty();
  }

  @Test
  void theUsersSuspendOutlastsTheHold() {
    status(RUNS);
    GuestHold hold = live.processors().hold("job");
    live.processors().stop(PATIENCE);
    hold.release();
    assertThat(orders()).doesNotContain("cont");
  }

  @Test
  void theUsersResumeWaitsForTheRelease() {
    status(PAUSED);
    GuestHold hold = live.processors().hold("job");
    live.processors().run(PATIENCE);
    assertThat(orders()).isEmpty();
    hold.release();
    assertThat(orders()).containsExactly("cont");
  }

  @Test
  void theLastOfSeveralHoldersLetsTheGuestGoOn() {
    status(RUNS);
    GuestHold first = live.processors().hold("one");
    status(PAUSED);
    GuestHold second = live.processors().hold("two");
    first.release();
    assertThat(orders()).doesNotContain("cont");
    second.release();
    assertThat(orders()).endsWith("cont");
  }

  @Test
  void aGuestThatQemuIsGoingToStopRunsUntilThen() { // R9
    status(RUNS);
    live.processors().expect("save");
    assertThat(stored().held()).isTrue();
    assertThat(stored().runsAfter()).isTrue();
    assertThat(orders()).isEmpty();
    assertThat(live.processors().shown(new RunStatus(false, RunState.FINISH_MIGRATE)).running())
        .isTrue();
    assertThat(live.processors().hold("save").stopped()).isTrue();
    live.processors().end("save");
    assertThat(stored()).isEqualTo(GuestInterventions.NONE);
    assertThat(orders()).containsExactly("stop", "cont");
  }

  @Test
  void aHoldOfADaemonThatDiedIsReleasedByTheNextOne() { // R2
    status(RUNS);
    GuestHold lost = live.processors().hold("job");
    assertThat(lost.stopped()).isTrue();

    LiveDomain next = new LiveDomain(records.list().getFirst(), records, timers);
    live.disconnect();
    qemu.close();
    qemu = FakeQemu.listening(directory.resolve("qmp2"), CapturedSchemas.QEMU_7_2.schema());
    qemu.always("qmp_capabilities").thenReturn("{}");
    qemu.always("cont").thenReturn("{}");
    live = next;
    try {
      next.connect(QmpConnection.connect(loop, directory.resolve("qmp2"), PATIENCE));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    next.processors().releaseAbandoned();
    assertThat(orders()).containsExactly("cont");
    assertThat(stored()).isEqualTo(GuestInterventions.NONE);
  }

  @Test
  void whereTheStopIsRefusedNothingIsHeld() {
    status(RUNS);
    qemu.always("stop").thenFail("GenericError", "no");
    assertThatThrownBy(() -> live.processors().hold("job")).isInstanceOf(DriverException.class);
    assertThat(stored()).isEqualTo(GuestInterventions.NONE);
  }

  private void status(String answer) {
    qemu.always("query-status").thenReturn(answer);
  }

  private GuestInterventions stored() {
    return records.list().getFirst().guest();
  }

  private List<String> orders() {
    return qemu.receivedNames().stream()
        .filter(name -> name.equals("stop") || name.equals("cont"))
        .toList();
  }
}
