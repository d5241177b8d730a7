package dev.drover.conformance.run;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.GuestWorld;
import dev.drover.conformance.world.QemuPrograms;
import dev.drover.conformance.world.QemuWorld;
import dev.drover.qemu.QemuDriverProvider;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.SerialConsole;
import io.grpc.Channel;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * Real QEMU behind a daemon of the run's own; guests have no disk to boot from and are emulated.
 */
final class QemuTarget implements ConformanceTarget {

  private static final String URI = "qemu:///session";

  private final String name;
  private final DaemonRun run;
  private final GuestWorld world;

  QemuTarget(String name, Path directory, DaemonRun.Way way, QemuPrograms programs) {
    this(name, directory, way, programs, plan -> plan);
  }

  /** Behind a daemon with a change to its plan. */
  QemuTarget(
      String name,
      Path directory,
      DaemonRun.Way way,
      QemuPrograms programs,
      UnaryOperator<EmbeddedDaemon.Plan> change) {
    this.name = name;
    EmbeddedDaemon.Plan plan =
        EmbeddedDaemon.in(directory, new QemuDriverProvider())
            .setting("qemu", "acceleration", "tcg");
    if (programs.directory().isPresent()) {
      plan =
          plan.setting("qemu", "qemu-binary", programs.program("qemu-system-x86_64"))
              .setting("qemu", "qemu-img-binary", programs.program("qemu-img"))
              .setting(
                  "qemu", "qemu-storage-daemon-binary", programs.program("qemu-storage-daemon"));
    }
    this.run = DaemonRun.start(change.apply(plan), way);
    this.world = new QemuWorld(directory.resolve("images"), programs, this::channel, URI);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Channel channel() {
    return run.channel();
  }

  @Override
  public String connectionUri() {
    return URI;
  }

  @Override
  public DomainSpec domain(String domain) {
    return DomainSpec.newBuilder()
        .setName(domain)
        .setMemoryBytes(32L << 20)
        .addSerialConsoles(SerialConsole.getDefaultInstance())
        .build();
  }

  @Override
  public GuestWorld world() {
    return world;
  }

  @Override
  public boolean restartDaemon() {
    run.restart();
    return true;
  }

  @Override
  public boolean traces() {
    return true;
  }

  @Override
  public void close() {
    run.close();
  }
}
