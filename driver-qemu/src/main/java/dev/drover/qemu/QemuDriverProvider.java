package dev.drover.qemu;

import dev.drover.qemu.config.QemuSettings;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverProvider;
import java.util.Map;

/** Finds the QEMU driver for {@code qemu:///system} and {@code qemu:///session}. */
public final class QemuDriverProvider implements DriverProvider {

  @Override
  public String scheme() {
    return "qemu";
  }

  @Override
  public String description() {
    return "QEMU: domains as processes that outlive the daemon, block jobs with a durable journal";
  }

  @Override
  public Map<String, String> settings() {
    return QemuSettings.keys();
  }

  @Override
  public Driver open(DriverContext context) {
    return QemuDriver.open(context, QemuSettings.of(context.settings()));
  }
}
