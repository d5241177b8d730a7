package dev.drover.test.hypervisor;

import dev.drover.v1.PowerActions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A guest that runs or is paused. Guarded by the {@link dev.drover.test.clock.WorldLock}. */
public final class Machine {

  private final String uuid;
  private final PowerActions actions;
  private final Map<String, OpenDisk> disks;
  private PowerRequest request = PowerRequest.NONE;
  private boolean paused;
  private final boolean agent;
  private boolean held;
  private long requests;
  private long memory;

  Machine(Beginning beginning, List<OpenDisk> disks) {
    this.uuid = beginning.spec().getUuid();
    this.agent = beginning.spec().hasGuestAgent();
    this.actions = beginning.spec().getPowerActions();
    this.memory = beginning.memory();
    this.paused = beginning.paused();
    this.disks =
        disks.stream().collect(Collectors.toUnmodifiableMap(OpenDisk::target, Function.identity()));
  }

  /** The domain's uuid. */
  public String uuid() {
    return uuid;
  }

  /** What becomes of the domain when the guest powers off or reboots. */
  public PowerActions actions() {
    return actions;
  }

  /** Its disks that have a medium. */
  public Collection<OpenDisk> disks() {
    return disks.values();
  }

  /** The disk of a target, where it has a medium. */
  public Optional<OpenDisk> disk(String target) {
    return Optional.ofNullable(disks.get(target));
  }

  /** What it was asked to do. */
  public PowerRequest request() {
    return request;
  }

  /**
   * Asks it to do something, replacing what it was asked before.
   *
   * @return number of the request, by which one that was replaced is told
   */
  public long ask(PowerRequest next) {
    request = next;
    requests++;
    return requests;
  }

  /** Number of the last request. */
  public long lastRequest() {
    return requests;
  }

  /** True where an agent runs in it, which answers while its processors run (D14). */
  public boolean agent() {
    return agent;
  }

  /** True where its processors are held. */
  public boolean paused() {
    return paused;
  }

  /**
   * True where its processors are held for a job for a moment, beside its user's will; it writes
   * nothing meanwhile (R19).
   */
  public boolean held() {
    return held;
  }

  /** What its memory holds: a number that follows from all it has done since it began. */
  public long memory() {
    return memory;
  }

  /** Does something that its memory keeps. */
  public void remember(long what) {
    memory = memory * 31 + what;
  }

  /** Starts anew, as by a reset. */
  public void forget() {
    memory = Beginning.EMPTY;
  }

  /** Holds its processors for a job, or lets them go. */
  public void setHeld(boolean next) {
    held = next;
  }

  /** Holds its processors or lets them run. */
  public void setPaused(boolean next) {
    paused = next;
  }
}
