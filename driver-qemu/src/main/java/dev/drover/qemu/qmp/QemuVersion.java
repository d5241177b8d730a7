package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Version of a QEMU binary. For showing to people; behaviour is chosen by schema, never by this.
 *
 * @param major major number
 * @param minor minor number
 * @param micro patch number
 * @param packageVersion the distribution's version text, may be empty
 */
public record QemuVersion(int major, int minor, int micro, String packageVersion) {
  static QemuVersion decode(JsonNode node) {
    JsonNode numbers = Fields.required(node, "qemu");
    return new QemuVersion(
        Fields.integer(numbers, "major"),
        Fields.integer(numbers, "minor"),
        Fields.integer(numbers, "micro"),
        Fields.text(node, "package"));
  }

  @Override
  public String toString() {
    String numbers = "%d.%d.%d".formatted(major, minor, micro);
    return packageVersion.isEmpty() ? numbers : numbers + " (" + packageVersion + ")";
  }
}
