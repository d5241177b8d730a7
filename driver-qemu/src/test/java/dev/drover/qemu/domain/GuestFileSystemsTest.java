package dev.drover.qemu.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.qemu.agent.FakeAgent;
import dev.drover.qemu.probe.CapturedSchemas;
import dev.drover.qemu.qmp.FakeQemu;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GuestAgent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** D14, R22: file systems are thawed whatever happens, and nothing is frozen off the record. */
@Timeout(60)
class GuestFileSystemsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration BRIEF = Duration.ofMillis(200);
  private static final String FREEZE = "{\"execute\": \"guest-fsfreeze-freeze\"}";
  private static final String THAW = "{\"execute\": \"guest-fsfreeze-thaw\"}";
  private static final String OPEN =
      "[{\"label\": \"agent\", \"filename\": \"unix\", \"frontend-open\": true}]";

  @TempDir Path directory;
  private final QmpEventLoop loop = new QmpEventLoop(Activities.UNOBSERVED);
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private final RuntimeRecords records = new RuntimeRecords(new MemoryStore());
  private FakeQemu qemu;
  private FakeAgent agent;
  private LiveDomain live;

  @BeforeEach
  void start() throws IOException {
    qemu = FakeQemu.listening(directory.resolve("qmp"), CapturedSchemas.QEMU_7_2.schema());
    qemu.always("qmp_capabilities").thenReturn("{}");
    agent = FakeAgent.listening(directory.resolve("agent"));
    live = run(DomainSpec.newBuilder().setGuestAgent(GuestAgent.getDefaultInstance()));
  }

  private LiveDomain run(DomainSpec.Builder spec) throws IOException {
    spec.setUuid("u").setName("guest");
    RuntimeRecord record =
        new RuntimeRecord(
            RuntimeRecord.Phase.RUNNING,
            Domain.newBuilder()
                .setSpec(spec)
                .setStatus(DomainStatus.newBuilder().setLiveSpec(spec))
                .build(),
            directory,
            1,
            1,
            "",
            0,
            List.of(),
            GuestInterventions.NONE);
    records.put(record);
    LiveDomain result = new LiveDomain(record, records, timers);
    result.connect(QmpConnection.connect(loop, directory.resolve("qmp"), PATIENCE));
    return result;
  }

  @AfterEach
  void close() throws IOException {
    live.disconnect();
    agent.close();
    qemu.close();
    loop.close();
    timers.shutdownNow();
  }

  private void guest(boolean runs, String characterDevices) {
    qemu.always("query-status")
        .thenReturn(
            runs
                ? "{\"running\": true, \"singlestep\": false, \"status\": \"running\"}"
                : "{\"running\": false, \"singlestep\": false, \"status\": \"paused\"}");
    qemu.always("query-chardev").thenReturn(characterDevices);
  }

  private GuestInterventions stored() {
    return records.list().getFirst().guest();
  }

  /** The same QEMU as another run of the daemon finds it. */
  private LiveDomain again() {
    LiveDomain found = new LiveDomain(records.list().getFirst(), records, timers);
    live.connection().ifPresent(found::connect);
    return found;
  }

  private ErrorReason refused() {
    return catchThrowableOfType(
            DriverException.class, () -> live.fileSystems().freeze("job", BRIEF))
        .reason();
  }

  @Test
  void itIsOnRecordBeforeTheAgentIsAsked() {
    guest(true, OPEN);
    AtomicReference<GuestInterventions> seen = new AtomicReference<>(GuestInterventions.NONE);
    agent.answers(
        _ -> {
          seen.set(stored());
          return FakeAgent.returns("1");
        });
    GuestFreeze freeze = live.fileSystems().freeze("job", PATIENCE);
    assertThat(seen.get().freezers()).containsExactly("job");
    assertThat(seen.get().frozen()).isFalse();
    assertThat(stored().frozen()).isTrue();

    freeze.close();
    assertThat(agent.asked()).containsExactly(FREEZE, THAW);
    assertThat(stored()).isEqualTo(GuestInterventions.NONE);
  }

  @Test
  void whetherAnyIsFrozenIsWhatTheAgentSays() { // R22
    guest(true, OPEN);
    agent.answers(_ -> FakeAgent.returns("0"));
    try (GuestFreeze freeze = live.fileSystems().freeze("none", PATIENCE)) {
      assertThat(freeze.frozeAny()).isFalse();
    }
    agent.answers(_ -> FakeAgent.returns("2"));
    try (GuestFreeze freeze = live.fileSystems().freeze("two", PATIENCE);
        GuestFreeze joined = live.fileSystems().freeze("joined", PATIENCE)) {
      assertThat(freeze.frozeAny()).isTrue();
      assertThat(joined.frozeAny()).isFalse();
    }
  }

  @Test
  void theLastOfSeveralThaws() {
    guest(true, OPEN);
    GuestFreeze one = live.fileSystems().freeze("one", PATIENCE);
    GuestFreeze two = live.fileSystems().freeze("two", PATIENCE);
    one.close();
    assertThat(agent.asked()).containsExactly(FREEZE);
    two.close();
    assertThat(agent.asked()).containsExactly(FREEZE, THAW);
    assertThat(stored().freezers()).isEmpty();
  }

  @Test
  void aGuestWithoutAnAgentThatCanAnswerIsRefused() throws IOException {
    guest(true, "[{\"label\": \"agent\", \"filename\": \"unix\", \"frontend-open\": false}]");
    assertThat(refused()).isEqualTo(ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE);
    guest(false, OPEN);
    assertThat(refused()).isEqualTo(ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE);
    guest(true, OPEN);
    live.disconnect();
    live = run(DomainSpec.newBuilder());
    assertThat(refused()).isEqualTo(ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE);
    assertThat(agent.asked()).isEmpty();
    assertThat(stored()).isEqualTo(GuestInterventions.NONE);
  }

  @Test
  void aSilentAgentIsToldToThawUntilItDoes() {
    guest(true, OPEN);
    agent.answers(_ -> "");
    assertThat(refused()).isEqualTo(ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED);
    assertThat(stored().freezers()).containsExactly("job");

    agent.answers(_ -> FakeAgent.returns("1"));
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> stored().equals(GuestInterventions.NONE) && agent.asked().contains(THAW));
  }

  @Test
  void whoeverIsDoneThawsWhatOnlyThoseHoldWhoAreGone() {
    guest(true, OPEN);
    agent.answers(_ -> "");
    assertThat(refused()).isEqualTo(ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED);
    agent.answers(_ -> FakeAgent.returns("1"));

    live.fileSystems().freeze("next", PATIENCE).close();

    assertThat(stored().frozen()).isFalse();
    assertThat(stored().freezers()).doesNotContain("next");
    // Whoever came first is thawed for by a thread of its own, before, between or after.
    assertThat(agent.asked()).endsWith(THAW).containsSubsequence(FREEZE, FREEZE, THAW);
    Awaitility.await().atMost(PATIENCE).until(() -> stored().equals(GuestInterventions.NONE));
  }

  @Test
  void anotherRunOfTheDaemonThawsWhatIsNotClaimed() { // R2
    guest(true, OPEN);
    var _ = live.fileSystems().freeze("gone", PATIENCE);
    LiveDomain next = again();
    next.fileSystems().claim("gone");
    next.fileSystems().thawAbandoned();
    try (GuestFreeze _ = next.fileSystems().freeze("gone", PATIENCE)) {
      assertThat(agent.asked()).containsExactly(FREEZE);
    }
    assertThat(agent.asked()).containsExactly(FREEZE, THAW);

    var _ = next.fileSystems().freeze("gone", PATIENCE);
    LiveDomain last = again();
    last.fileSystems().thawAbandoned();
    Awaitility.await().atMost(PATIENCE).until(() -> stored().freezers().isEmpty());
    assertThat(agent.asked()).containsExactly(FREEZE, THAW, FREEZE, THAW);
  }
}
