package dev.drover.qemu.memory;

import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.qmp.MigrationInfo;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executor;

/** Gives the memory in a file to a QEMU that has been started to take it. */
public final class MemoryLoad {

  private final Executor blocking;

  /**
   * Makes it.
   *
   * @param blocking where bytes are copied
   */
  public MemoryLoad(Executor blocking) {
    this.blocking = blocking;
  }

  /**
   * Gives a QEMU its memory and returns when it has all of it; its processors are held and its
   * images usable then.
   *
   * @throws DriverException IMAGE_ACCESS_DENIED about the file, HYPERVISOR_REFUSED, and what the
   *     monitor raises where QEMU ends over what it reads
   */
  public void load(LiveDomain live, Path file) {
    Path socket = new RunFiles(live.runDirectory()).memorySink();
    try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ);
        SocketChannel sink = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        MigrationWatch watch = MigrationWatch.of(live)) {
      ByteFlow flow = ByteFlow.begin(blocking, () -> source, () -> sink);
      MigrationInfo ended = watch.await(flow, () -> {});
      if (ended.state() != MigrationInfo.State.COMPLETED) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED,
            "the hypervisor of domain '%s' did not take the memory in '%s': %s"
                .formatted(live.name(), file, ended.error().orElse("it does not say why")),
            "domain",
            live.name(),
            "command",
            "migrate-incoming");
      }
    } catch (IOException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED,
          "the memory in '%s' cannot be given to domain '%s': %s"
              .formatted(file, live.name(), ImageFiles.told(e)),
          "path",
          file.toString(),
          "access",
          "read");
    }
    ImageActivation.activate(live);
  }
}
