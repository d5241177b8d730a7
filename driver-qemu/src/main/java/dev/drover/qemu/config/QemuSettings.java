package dev.drover.qemu.config;

import dev.drover.spi.DriverSettings;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The driver's part of the daemon's configuration.
 *
 * @param qemu the QEMU program
 * @param storageDaemon the program that works on images of shut-off domains
 * @param imageTool the program that makes images
 * @param allowedDirectories directories below which images may lie; empty: anywhere
 * @param acceleration how AUTO is decided
 */
public record QemuSettings(
    Path qemu,
    Path storageDaemon,
    Path imageTool,
    List<Path> allowedDirectories,
    AccelerationMode acceleration) {

  private static final String QEMU = "qemu-binary";
  private static final String STORAGE_DAEMON = "qemu-storage-daemon-binary";
  private static final String IMAGE_TOOL = "qemu-img-binary";
  private static final String ALLOWED = "allowed-directories";
  private static final String ACCELERATION = "acceleration";

  /** How AUTO is decided. */
  public enum AccelerationMode {
    /** KVM where a probe guest runs on it, else TCG. */
    PROBE,
    /** TCG without a probe; KVM is refused. */
    TCG,
    /** KVM without a probe. */
    KVM
  }

  /** Copies the list. */
  public QemuSettings {
    allowedDirectories = List.copyOf(allowedDirectories);
  }

  /** The keys and what each means. */
  public static Map<String, String> keys() {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put(QEMU, "QEMU program that runs domains; default: qemu-system-x86_64 in PATH");
    keys.put(
        STORAGE_DAEMON,
        "program that works on images of shut-off domains; default: qemu-storage-daemon beside the"
            + " QEMU program, else in PATH");
    keys.put(IMAGE_TOOL, "program that makes images; default: qemu-img in PATH");
    keys.put(
        ALLOWED,
        "directories, separated by ':', below which images, kernels and logs of domains may lie;"
            + " default: anywhere");
    keys.put(
        ACCELERATION,
        "what AUTO means: 'probe' (KVM where a probe guest runs on it, else TCG), 'tcg' or 'kvm';"
            + " default: probe");
    return keys;
  }

  /**
   * Reads the settings.
   *
   * @throws DriverException INVALID_ARGUMENT
   */
  public static QemuSettings of(DriverSettings settings) {
    Path qemu = program(settings, QEMU, "qemu-system-x86_64", List.of());
    return new QemuSettings(
        qemu,
        program(
            settings,
            STORAGE_DAEMON,
            "qemu-storage-daemon",
            List.of(qemu.resolveSibling("qemu-storage-daemon"))),
        program(settings, IMAGE_TOOL, "qemu-img", List.of()),
        settings.value(ALLOWED).stream()
            .flatMap(value -> Stream.of(value.split(":", -1)))
            .filter(part -> !part.isBlank())
            .map(part -> absolute(ALLOWED, part.strip()))
            .toList(),
        acceleration(settings.value(ACCELERATION)));
  }

  private static AccelerationMode acceleration(Optional<String> value) {
    return switch (value.orElse("probe")) {
      case "probe" -> AccelerationMode.PROBE;
      case "tcg" -> AccelerationMode.TCG;
      case "kvm" -> AccelerationMode.KVM;
      default -> throw invalid(ACCELERATION, "must be probe, tcg or kvm");
    };
  }

  /** A program that is not there yet is looked for again at each start; its place must be known. */
  private static Path program(DriverSettings settings, String key, String name, List<Path> before) {
    Optional<String> chosen = settings.value(key).filter(value -> !value.isBlank());
    if (chosen.isPresent()) {
      return absolute(key, chosen.get());
    }
    Stream<Path> inPath =
        Stream.of(
                Optional.ofNullable(System.getenv("PATH"))
                    .orElse("/usr/bin")
                    .split(File.pathSeparator, -1))
            .filter(directory -> directory.startsWith("/"))
            .map(directory -> Path.of(directory, name));
    return Stream.concat(before.stream(), inPath)
        .filter(Files::isExecutable)
        .findFirst()
        .orElseGet(() -> Path.of("/usr/bin", name));
  }

  private static Path absolute(String key, String value) {
    Path path = Path.of(value);
    if (!path.isAbsolute()) {
      throw invalid(key, "'" + value + "' is not an absolute path");
    }
    return path;
  }

  private static DriverException invalid(String key, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        "driver.qemu." + key + ": " + why,
        "field",
        "driver.qemu." + key);
  }
}
