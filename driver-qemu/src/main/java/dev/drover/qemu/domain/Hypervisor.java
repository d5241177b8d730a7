package dev.drover.qemu.domain;

import dev.drover.qemu.config.QemuSettings;
import dev.drover.qemu.probe.ProbeFailedException;
import dev.drover.qemu.probe.QemuCapabilities;
import dev.drover.qemu.probe.QemuProbe;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The installed QEMU, which may be missing, come, change and go while the daemon runs. What is
 * known of it is kept for readers that must not block.
 */
public final class Hypervisor {

  private final QemuSettings settings;
  private final QemuProbe probe;
  private final AtomicReference<State> state =
      new AtomicReference<>(new State(Optional.empty(), "it has not been asked yet"));

  /** The QEMU of these settings, asked through this probe. */
  public Hypervisor(QemuSettings settings, QemuProbe probe) {
    this.settings = settings;
    this.probe = probe;
  }

  /**
   * What is known.
   *
   * @param capabilities what it can do; absent where it cannot be used
   * @param unavailable why it cannot be used; empty where it can
   */
  public record State(Optional<QemuCapabilities> capabilities, String unavailable) {}

  /** Path of the program. */
  public Path binary() {
    return settings.qemu();
  }

  /** What was found last; never blocks. */
  public State known() {
    return state.get();
  }

  /** Looks at the program again. */
  public State refresh() {
    State found = look();
    state.set(found);
    return found;
  }

  private State look() {
    if (!Files.isExecutable(settings.qemu())) {
      return new State(
          Optional.empty(),
          "'%s' does not exist or may not be executed; install QEMU or set qemu-binary"
              .formatted(settings.qemu()));
    }
    try {
      return new State(Optional.of(probe.capabilities(settings.qemu())), "");
    } catch (ProbeFailedException e) {
      return new State(Optional.empty(), String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new State(Optional.empty(), "asking it was given up");
    }
  }

  /**
   * What QEMU can do, asked now.
   *
   * @throws DriverException HYPERVISOR_NOT_FOUND
   */
  public QemuCapabilities require() {
    State found = refresh();
    return found
        .capabilities()
        .orElseThrow(
            () ->
                DriverException.of(
                    ErrorReason.ERROR_REASON_HYPERVISOR_NOT_FOUND,
                    "no domain can be started: " + found.unavailable(),
                    "path",
                    settings.qemu().toString()));
  }
}
