package dev.drover.qemu.domain;

import dev.drover.qemu.process.QemuProcess;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainStateReason;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** What the supervisor remembers about one QEMU process while it lives. */
final class Supervision {

  private final LiveDomain live;
  private final QemuProcess process;
  private final CompletableFuture<Domain> ended = new CompletableFuture<>();
  private final AtomicReference<Optional<DomainEnd.Cause>> expected =
      new AtomicReference<>(Optional.empty());
  private final DomainSilence silence = new DomainSilence();
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile Instant lookedSince = Instant.MIN;
  private volatile CompletableFuture<Boolean> eventsDrained =
      CompletableFuture.completedFuture(true);
  private volatile DomainStateReason hold = DomainStateReason.DOMAIN_STATE_REASON_USER;
  private volatile boolean panicked;
  private volatile boolean rebootAsked;
  private volatile boolean startingAgain;

  Supervision(LiveDomain live, QemuProcess process) {
    this.live = live;
    this.process = process;
  }

  LiveDomain live() {
    return live;
  }

  QemuProcess process() {
    return process;
  }

  /** Completes with the domain as it is after its process has ended. */
  CompletableFuture<Domain> ended() {
    return ended;
  }

  /** Says why the process is going to end; what was said first stays. */
  void expectEnd(DomainEnd.Cause cause) {
    expected.compareAndSet(Optional.empty(), Optional.of(cause));
  }

  Optional<DomainEnd.Cause> expectedEnd() {
    return expected.get();
  }

  /** Why the next STOP event will come. */
  DomainStateReason hold() {
    return hold;
  }

  void expectHold(DomainStateReason reason) {
    hold = reason;
  }

  boolean panicked() {
    return panicked;
  }

  void markPanicked() {
    panicked = true;
  }

  /** Whether a caller asked the guest to power off so that it is started again. */
  boolean rebootAsked() {
    return rebootAsked;
  }

  void setRebootAsked(boolean now) {
    rebootAsked = now;
  }

  /** Whether a guest that powered off is being started again in the same process. */
  boolean startingAgain() {
    return startingAgain;
  }

  void setStartingAgain(boolean now) {
    startingAgain = now;
  }

  /** Completes when every event of the last connection has been dealt with. */
  CompletableFuture<Boolean> eventsDrained() {
    return eventsDrained;
  }

  void beginEvents(CompletableFuture<Boolean> drained) {
    eventsDrained = drained;
  }

  /** True for one looker at a time. */
  boolean tryLook(Instant now) {
    boolean mine = looking.compareAndSet(false, true);
    if (mine) {
      lookedSince = now;
    }
    return mine;
  }

  /** When the look began that has not ended. */
  Instant lookedSince() {
    return lookedSince;
  }

  /** What does not answer, as it is shown. */
  DomainSilence silence() {
    return silence;
  }

  void lookEnded() {
    looking.set(false);
  }
}
