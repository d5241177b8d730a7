package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.event.DriverEvent;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.PowerAction;
import dev.drover.v1.PowerActions;
import dev.drover.v1.RebootDomainRequest;
import dev.drover.v1.ResetDomainRequest;
import dev.drover.v1.SerialConsole;
import dev.drover.v1.ShutdownDomainRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Guests that end by themselves. Each guest is one boot sector that uses the power management
 * registers of the machine type q35 at their place after SeaBIOS: status at 0x600, enable at 0x602,
 * control at 0x604.
 */
class GuestPowerIT {

  /** Powers off at once. */
  private static final String POWER_OFF = "ba0406 b80020 ef f4 ebfd";

  /** Resets through the keyboard controller at once. */
  private static final String RESET = "b0fe e664 f4 ebfd";

  /** Says "B" on the serial port, waits for the power button, then powers off. */
  private static final String WAIT_FOR_BUTTON =
      "fa ba0206 b80001 ef b042 baf803 ee ba0006 ed f6c401 74fa ba0406 b80020 ef f4 ebfd";

  /** SeaBIOS does not boot from a disk of one sector. */
  private static final int DISK_BYTES = 1 << 20;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final QemuWorld world = new QemuWorld();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  @Test
  void aGuestThatPowersOffIsShutOff() {
    world.openDriver();
    world.define(guest("off", POWER_OFF).build());
    world.start("off");
    awaitState("off", DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(world.get("off").getStatus().getReason())
        .isEqualTo(DomainStateReason.DOMAIN_STATE_REASON_SHUTDOWN);
    assertThat(world.get("off").getStatus().getDetail()).isEmpty();
  }

  @Test
  void aGuestThatPowersOffIsStartedAgainWhereTheSpecSaysSo() {
    world.openDriver();
    world.define(
        guest("again", POWER_OFF)
            .setPowerActions(
                PowerActions.newBuilder().setOnPoweroff(PowerAction.POWER_ACTION_RESTART))
            .build());
    Domain started = world.start("again");
    await().atMost(PATIENCE).until(() -> count(EventKind.EVENT_KIND_DOMAIN_REBOOTED) >= 2);
    assertThat(world.get("again").getStatus().getProcessId())
        .isEqualTo(started.getStatus().getProcessId());
    assertThat(count(EventKind.EVENT_KIND_DOMAIN_SUSPENDED)).isZero();
    world.destroy("again");
  }

  @Test
  void aGuestThatResetsEndsWhereTheSpecSaysSo() {
    world.openDriver();
    world.define(
        guest("reset", RESET)
            .setPowerActions(
                PowerActions.newBuilder().setOnReboot(PowerAction.POWER_ACTION_DESTROY))
            .build());
    world.start("reset");
    awaitState("reset", DomainState.DOMAIN_STATE_SHUT_OFF);
  }

  @Test
  void theGuestIsAskedToRebootAndToPowerOff() {
    world.openDriver();
    world.define(
        guest("asked", WAIT_FOR_BUTTON)
            .addSerialConsoles(SerialConsole.getDefaultInstance())
            .build());
    Domain started = world.start("asked");
    Path console = Path.of(started.getStatus().getSerialLogPaths(0));
    await().atMost(PATIENCE).until(() -> Files.size(console) == 1);
    world
        .driver()
        .domains()
        .reset(
            world.call(),
            ResetDomainRequest.newBuilder().setDomain(QemuWorld.ref("asked")).build());
    await().atMost(PATIENCE).until(() -> Files.size(console) == 2);
    world
        .driver()
        .domains()
        .reboot(
            world.call(),
            RebootDomainRequest.newBuilder().setDomain(QemuWorld.ref("asked")).build());
    await().atMost(PATIENCE).until(() -> Files.size(console) == 3);
    awaitState("asked", DomainState.DOMAIN_STATE_RUNNING);
    assertThat(world.get("asked").getStatus().getProcessId())
        .isEqualTo(started.getStatus().getProcessId());
    assertThat(count(EventKind.EVENT_KIND_DOMAIN_REBOOTED)).isGreaterThanOrEqualTo(2);
    assertThat(count(EventKind.EVENT_KIND_DOMAIN_SHUTDOWN)).isZero();

    world
        .driver()
        .domains()
        .shutdown(
            world.call(),
            ShutdownDomainRequest.newBuilder().setDomain(QemuWorld.ref("asked")).build());
    awaitState("asked", DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(world.get("asked").getStatus().getReason())
        .isEqualTo(DomainStateReason.DOMAIN_STATE_REASON_SHUTDOWN);
    assertThat(count(EventKind.EVENT_KIND_DOMAIN_SHUTDOWN)).isPositive();
    assertThat(console).hasContent("BBB");
  }

  private void awaitState(String name, DomainState state) {
    await().atMost(PATIENCE).until(() -> world.get(name).getStatus().getState() == state);
  }

  private long count(EventKind kind) {
    return world.events().stream().map(DriverEvent::kind).filter(kind::equals).count();
  }

  private DomainSpec.Builder guest(String name, String code) {
    byte[] disk = new byte[DISK_BYTES];
    byte[] program = HexFormat.of().parseHex(code.replace(" ", ""));
    System.arraycopy(program, 0, disk, 0, program.length);
    disk[510] = 0x55;
    disk[511] = (byte) 0xaa;
    Path image = world.images().resolve(name + ".raw");
    try {
      Files.write(image, disk);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return QemuWorld.spec(name).toBuilder()
        .addDisks(QemuWorld.disk("vda", image, ImageFormat.IMAGE_FORMAT_RAW));
  }
}
