package dev.drover.qemu.probe;

import dev.drover.qemu.qmp.CpuModel;
import dev.drover.qemu.qmp.MachineType;
import dev.drover.qemu.qmp.QemuVersion;
import java.nio.file.Path;
import java.util.List;

/**
 * What one QEMU binary can do.
 *
 * @param binary the binary
 * @param version its version, for showing
 * @param schema its commands, arguments and events; what behaviour is chosen by
 * @param machines its machine types
 * @param cpuModels its CPU models under TCG
 */
public record QemuCapabilities(
    Path binary,
    QemuVersion version,
    QmpSchema schema,
    List<MachineType> machines,
    List<CpuModel> cpuModels) {

  /** Copies the lists. */
  public QemuCapabilities {
    machines = List.copyOf(machines);
    cpuModels = List.copyOf(cpuModels);
  }

  /** Whether a machine type exists under this name or alias. */
  public boolean hasMachine(String name) {
    return machines.stream()
        .anyMatch(
            machine ->
                machine.name().equals(name) || machine.alias().filter(name::equals).isPresent());
  }

  /** Whether a CPU model exists; {@code max} and {@code host} included where QEMU lists them. */
  public boolean hasCpuModel(String name) {
    return cpuModels.stream().anyMatch(model -> model.name().equals(name));
  }
}
