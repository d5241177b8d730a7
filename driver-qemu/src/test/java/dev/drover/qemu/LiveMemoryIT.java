package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.Snapshots;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.LiveMemory;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.SnapshotMemory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * R9: the memory of a real guest that runs on while it is written. Nobody reads the stream until
 * the test says so, so writing it lasts as long as is needed.
 */
@Tag("qemu")
class LiveMemoryIT {

  private static final String INTENTS = "qemu-snapshot-intents";
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final QemuWorld world = new QemuWorld();
  private Optional<LateWork> reading = Optional.empty();

  @AfterEach
  void endEveryQemu() {
    reading.ifPresent(LateWork::begin);
    world.close();
  }

  @Test
  void aGuestRunsOnAndGoesBackToTheEndOfIt() {
    CountingGuest guest = running();
    List<Integer> counted = new ArrayList<>();

    CreateSnapshotResponse made =
        create(
            LiveMemory.getDefaultInstance(),
            () -> {
              if (writing() && counted.isEmpty()) {
                counted.add(guest.awaitBeyond(guest.numbers().getLast() + 10));
                read();
              }
              return false;
            });

    assertThat(counted).as("numbers that the guest said meanwhile").hasSize(1);
    assertThat(made.hasGuestPause()).isTrue();
    assertThat(ProtoTimes.duration(made.getGuestPause())).isBetween(Duration.ZERO, PATIENCE);
    assertThat(made.getSnapshot().getDomainState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(count(EventKind.EVENT_KIND_DOMAIN_SUSPENDED)).isZero();
    int later = guest.awaitBeyond(guest.numbers().getLast() + 40);
    assertThat(revert().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    guest.awaitBeyond(counted.getFirst());
    assertThat(guest.numbers().getFirst())
        .isGreaterThanOrEqualTo(counted.getFirst())
        .isLessThan(later - 20);
  }

  @Test
  void aGuestWhoseMemoryTakesTooLongIsHeld() {
    CountingGuest guest = running();
    LiveMemory second =
        LiveMemory.newBuilder().setHoldAfter(ProtoTimes.duration(Duration.ofSeconds(1))).build();
    List<Long> looks = new ArrayList<>();
    List<Long> late = new ArrayList<>();

    CreateSnapshotResponse made =
        create(
            second,
            () -> {
              if (!writing()) {
                return false;
              }
              looks.add(System.nanoTime());
              if (looks.getLast() - looks.getFirst() > Duration.ofMillis(1100).toNanos()) {
                if (!late.isEmpty()) {
                  // The look before this one held the guest, half a second ago.
                  read();
                }
                late.add(looks.getLast());
              }
              return false;
            });

    assertThat(late).hasSizeGreaterThan(1);
    assertThat(ProtoTimes.duration(made.getGuestPause())).isGreaterThan(Duration.ofMillis(400));
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(count(EventKind.EVENT_KIND_DOMAIN_SUSPENDED)).isZero();
    guest.awaitBeyond(guest.numbers().getLast() + 5);
  }

  @Test
  void aCallThatIsGivenUpLeavesNothingAndTheGuestHasNotStopped() {
    CountingGuest guest = running();
    Domain before = world.get("dom");

    assertThatThrownBy(() -> create(LiveMemory.getDefaultInstance(), this::writing))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_CALL_CANCELLED));

    assertNothingLeft(before);
    guest.awaitBeyond(guest.numbers().getLast() + 5);
    read();
    create(LiveMemory.getDefaultInstance(), () -> false);
  }

  @Test
  void aGuestWhoseDaemonEndsRunsOnAndNothingIsLeftOnceItIsBack() {
    CountingGuest guest = running();
    Domain before = world.get("dom");

    assertThatThrownBy(
            () ->
                create(
                    LiveMemory.getDefaultInstance(),
                    () -> {
                      if (writing()) {
                        world.closeDriver();
                      }
                      return false;
                    }))
        .isInstanceOf(DriverException.class);
    read();
    world.openDriver();

    await().atMost(PATIENCE).until(() -> world.store().list(INTENTS).isEmpty());
    assertNothingLeft(before);
    guest.awaitBeyond(guest.numbers().getLast() + 5);
    create(LiveMemory.getDefaultInstance(), () -> false);
  }

  private CountingGuest running() {
    world.beginning(
        threads -> {
          LateWork late = new LateWork(threads, Thread.currentThread());
          reading = Optional.of(late);
          return late;
        });
    world.openDriver();
    CountingGuest guest = CountingGuest.define(world, "dom");
    world.start("dom");
    guest.awaitBeyond(5);
    reading.orElseThrow().keepBack();
    return guest;
  }

  private void read() {
    reading.orElseThrow().begin();
  }

  private boolean writing() {
    return Files.exists(memory());
  }

  private CreateSnapshotResponse create(LiveMemory live, BooleanSupplier cancelled) {
    CallContext call =
        new CallContext(
            new Caller("test", "test"), "test", Instant.now().plus(PATIENCE), cancelled);
    return snapshots()
        .create(
            call,
            CreateSnapshotRequest.newBuilder()
                .setDomain(QemuWorld.ref("dom"))
                .setName("one")
                .setMemory(SnapshotMemory.newBuilder().setPath(memory().toString()))
                .setLiveMemory(live)
                .build());
  }

  private Job revert() {
    Job job =
        snapshots()
            .revert(
                world.call(),
                RevertSnapshotRequest.newBuilder()
                    .setDomain(QemuWorld.ref("dom"))
                    .setName("one")
                    .build());
    await().atMost(PATIENCE).until(() -> JobTransitions.terminal(now(job).getState()));
    return now(job);
  }

  private Job now(Job job) {
    return world.driver().jobs().orElseThrow().get(job.getId()).orElseThrow();
  }

  private void assertNothingLeft(Domain before) {
    assertThat(memory()).doesNotExist();
    assertThat(world.images().resolve("dom.one")).doesNotExist();
    assertThat(snapshots().list(QemuWorld.ref("dom"))).isEmpty();
    assertThat(world.store().list(INTENTS)).isEmpty();
    assertThat(world.get("dom").getSpec()).isEqualTo(before.getSpec());
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }

  private Snapshots snapshots() {
    return world.driver().snapshots().orElseThrow();
  }

  private Path memory() {
    return world.images().resolve("one.memory");
  }

  private DomainState state() {
    return world.get("dom").getStatus().getState();
  }

  private long count(EventKind kind) {
    return world.events().stream().filter(event -> event.kind() == kind).count();
  }
}
