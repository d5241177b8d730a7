package dev.drover.qemu.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.qemu.QemuWorld;
import dev.drover.qemu.agent.FakeAgent;
import dev.drover.qemu.domain.GuestInterventions;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.RuntimeRecord;
import dev.drover.qemu.domain.RuntimeRecords;
import dev.drover.qemu.probe.CapturedSchemas;
import dev.drover.qemu.qmp.FakeQemu;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GuestAgent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** R22: a guest's file systems are frozen for a snapshot no longer than was asked for. */
@Timeout(60)
class FrozenMomentTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration BRIEF = Duration.ofMillis(200);
  private static final String FREEZE = "{\"execute\": \"guest-fsfreeze-freeze\"}";
  private static final String THAW = "{\"execute\": \"guest-fsfreeze-thaw\"}";

  @TempDir Path directory;
  private final QemuWorld world = new QemuWorld();
  private final QmpEventLoop loop = new QmpEventLoop(Activities.UNOBSERVED);
  private final RuntimeRecords records = new RuntimeRecords(world.store());
  private FakeQemu qemu;
  private FakeAgent agent;
  private LiveDomain live;

  @BeforeEach
  void start() throws IOException {
    qemu = FakeQemu.listening(directory.resolve("qmp"), CapturedSchemas.QEMU_7_2.schema());
    qemu.always("qmp_capabilities").thenReturn("{}");
    qemu.always("query-status")
        .thenReturn("{\"running\": true, \"singlestep\": false, \"status\": \"running\"}");
    qemu.always("query-chardev")
        .thenReturn("[{\"label\": \"agent\", \"filename\": \"unix\", \"frontend-open\": true}]");
    agent = FakeAgent.listening(directory.resolve("agent"));
    DomainSpec spec =
        DomainSpec.newBuilder()
            .setUuid("u")
            .setName("guest")
            .setGuestAgent(GuestAgent.getDefaultInstance())
            .build();
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
    live = new LiveDomain(record, records, world.context().timers());
    live.connect(QmpConnection.connect(loop, directory.resolve("qmp"), PATIENCE));
  }

  @AfterEach
  void close() throws IOException {
    live.disconnect();
    agent.close();
    qemu.close();
    loop.close();
    world.close();
  }

  private FrozenMoment begin(Duration limit) {
    return FrozenMoment.begin(world.context(), live, limit, PATIENCE);
  }

  private boolean thawed() {
    return records.list().getFirst().guest().equals(GuestInterventions.NONE);
  }

  @Test
  void nothingIsAskedWhereNothingIsToBeFrozen() {
    try (FrozenMoment moment = begin(Duration.ZERO)) {
      assertThat(moment.frozen()).isFalse();
    }
    assertThat(agent.asked()).isEmpty();
  }

  @Test
  void theEndOfTheMomentThaws() {
    try (FrozenMoment moment = begin(PATIENCE)) {
      assertThat(moment.frozen()).isTrue();
      assertThat(agent.asked()).containsExactly(FREEZE);
    }
    assertThat(agent.asked()).containsExactly(FREEZE, THAW);
    assertThat(thawed()).isTrue();
  }

  @Test
  void theLimitThawsWhateverElseIsGoingOn() {
    try (FrozenMoment moment = begin(BRIEF)) {
      Awaitility.await().atMost(PATIENCE).until(this::thawed);
      assertThat(moment.frozen()).isFalse();
    }
    assertThat(agent.asked()).containsExactly(FREEZE, THAW);
  }

  @Test
  void noMoreIsClaimedThanTheAgentSays() {
    agent.answers(_ -> FakeAgent.returns("0"));
    try (FrozenMoment moment = begin(PATIENCE)) {
      assertThat(moment.frozen()).isFalse();
    }
    assertThat(thawed()).isTrue();
  }

  @Test
  void aSilentAgentIsGivenUpWhenTheCallersTimeIsOver() {
    agent.answers(_ -> "");
    assertThat(
            catchThrowableOfType(
                    DriverException.class,
                    () -> FrozenMoment.begin(world.context(), live, PATIENCE, BRIEF))
                .reason())
        .isEqualTo(ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED);
    agent.answers(_ -> FakeAgent.returns("1"));
    Awaitility.await().atMost(PATIENCE).until(() -> thawed() && agent.asked().contains(THAW));
  }
}
