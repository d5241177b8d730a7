package dev.drover.qemu.memory;

import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.qmp.MigrationCommand;
import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.spi.error.DriverException;
import java.io.IOException;
import java.nio.file.Files;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the images of a guest that does not run usable again after its memory was written or read.
 * QEMU gives its images up when it has written all memory, as if another host took them; a guest
 * that goes on gets them back, one that stays paused does not, and then every write and every block
 * job fails. QEMU 10 does the same with a guest that is restored paused.
 */
public final class ImageActivation {

  private static final Logger logger = LoggerFactory.getLogger(ImageActivation.class);
  private static final String EXPORT = "drover-activation-";

  private ImageActivation() {}

  /**
   * Activates every image. Those that are active stay so.
   *
   * @throws DriverException what a monitor command raises
   */
  public static void activate(LiveDomain live) {
    try {
      live.execute(new MigrationCommand.ActivateImages());
    } catch (DriverException e) {
      if (!(e.getCause() instanceof QmpCommandException refused) || !refused.isCommandNotFound()) {
        throw e;
      }
      byExports(live);
    }
  }

  /**
   * Before QEMU 10 no command does it, but an export activates the node it exports, with all below
   * it; nobody connects, and it ends at once.
   */
  private static void byExports(LiveDomain live) {
    RunFiles files = new RunFiles(live.runDirectory());
    live.execute(new MigrationCommand.StartExports(files.exports()));
    try {
      int number = 0;
      for (DiskGraph disk : live.disks()) {
        live.execute(new MigrationCommand.ExportNode(EXPORT + number, disk.active().formatNode()));
        number++;
      }
    } finally {
      live.execute(new MigrationCommand.StopExports());
      try {
        Files.deleteIfExists(files.exports());
      } catch (IOException e) {
        logger.warn("Cannot remove {}", files.exports(), e);
      }
    }
  }
}
