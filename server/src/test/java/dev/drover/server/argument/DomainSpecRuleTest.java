package dev.drover.server.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.Boot;
import dev.drover.v1.DirectKernelBoot;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.FirmwareBoot;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.NetworkInterface;
import dev.drover.v1.PortForward;
import dev.drover.v1.RandomSource;
import dev.drover.v1.SerialConsole;
import dev.drover.v1.UserNetwork;
import java.util.Collections;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The limits that domain_spec.proto documents, each from both sides where it has two. */
class DomainSpecRuleTest {

  private static final DomainSpec SOUND =
      DomainSpec.newBuilder()
          .setName("web-1")
          .setUuid("2f1e8b0e-6a5c-4f0e-9b5e-0d3a6c6b7f11")
          .setMemoryBytes(512L << 20)
          .setVcpus(2)
          .putLabels("tier", "front")
          .setBoot(Boot.newBuilder().setFirmware(FirmwareBoot.newBuilder().addBootOrder("vda")))
          .addDisks(disk("vda"))
          .addNetworkInterfaces(
              NetworkInterface.newBuilder()
                  .setMacAddress("52:54:00:12:34:56")
                  .setUser(
                      UserNetwork.newBuilder()
                          .addPortForwards(
                              PortForward.newBuilder().setHostPort(2222).setGuestPort(22))))
          .addSerialConsoles(SerialConsole.getDefaultInstance())
          .build();

  private final DomainSpecRule rule = new DomainSpecRule();

  private static Disk.Builder disk(String target) {
    return Disk.newBuilder()
        .setTarget(target)
        .setSource(Image.newBuilder().setPath("/img").setFormat(ImageFormat.IMAGE_FORMAT_QCOW2));
  }

  private static Arguments wrong(String field, UnaryOperator<DomainSpec.Builder> change) {
    return Arguments.of(ErrorReason.ERROR_REASON_DOMAIN_SPEC_INVALID, "spec." + field, change);
  }

  private static Arguments path(String field, UnaryOperator<DomainSpec.Builder> change) {
    return Arguments.of(ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED, "spec." + field, change);
  }

  static Stream<Arguments> impossible() {
    return Stream.of(
        wrong("name", spec -> spec.setName("")),
        wrong("name", spec -> spec.setName("a/b")),
        wrong("name", spec -> spec.setName("-a")),
        wrong("name", spec -> spec.setName(".a")),
        wrong("name", spec -> spec.setName("a".repeat(65))),
        wrong("uuid", spec -> spec.setUuid("1-1-1-1-1")),
        wrong("title", spec -> spec.setTitle("t".repeat(257))),
        wrong("title", spec -> spec.setTitle("two\nlines")),
        wrong("description", spec -> spec.setDescription("d".repeat(4097))),
        wrong("labels", spec -> spec.putLabels("Upper", "x")),
        wrong("labels[a]", spec -> spec.putLabels("a", "v".repeat(257))),
        wrong("memory_bytes", spec -> spec.setMemoryBytes(0)),
        wrong("memory_bytes", spec -> spec.setMemoryBytes((1L << 20) + 1)),
        wrong("memory_bytes", spec -> spec.setMemoryBytes((16L << 40) + (1L << 20))),
        wrong("memory_bytes", spec -> spec.setMemoryBytes(-(1L << 20))),
        wrong("vcpus", spec -> spec.setVcpus(513)),
        wrong("vcpus", spec -> spec.setVcpus(10_000)),
        wrong("vcpus", spec -> spec.setVcpus(-1)),
        wrong("machine", spec -> spec.setMachine("q35,accel=kvm")),
        wrong("cpu_model", spec -> spec.setCpuModel("max,-vmx")),
        wrong(
            "boot.direct_kernel.kernel_path",
            spec -> spec.setBoot(direct(DirectKernelBoot.newBuilder()))),
        path(
            "boot.direct_kernel.kernel_path",
            spec -> spec.setBoot(direct(DirectKernelBoot.newBuilder().setKernelPath("k")))),
        wrong(
            "boot.direct_kernel.command_line",
            spec ->
                spec.setBoot(
                    direct(
                        DirectKernelBoot.newBuilder()
                            .setKernelPath("/k")
                            .setCommandLine("c".repeat(2049))))),
        wrong(
            "boot.firmware.boot_order",
            spec ->
                spec.setBoot(
                    Boot.newBuilder().setFirmware(FirmwareBoot.newBuilder().addBootOrder("sda")))),
        wrong("disks[1].target", spec -> spec.addDisks(disk("vda"))),
        wrong("disks[1].target", spec -> spec.addDisks(disk("1"))),
        wrong(
            "disks[1].source.path",
            spec -> spec.addDisks(disk("vdb").setSource(Image.getDefaultInstance()))),
        wrong(
            "disks[1].source.format",
            spec -> spec.addDisks(disk("vdb").setSource(Image.newBuilder().setPath("/i")))),
        path(
            "disks[1].source.path",
            spec -> spec.addDisks(disk("vdb").setSource(Image.newBuilder().setPath("i")))),
        path(
            "disks[1].source.path",
            spec -> spec.addDisks(disk("vdb").setSource(Image.newBuilder().setPath("/i\n")))),
        wrong("disks[1].serial", spec -> spec.addDisks(disk("vdb").setSerial("a b"))),
        wrong(
            "network_interfaces[0].mac_address",
            spec -> spec.setNetworkInterfaces(0, card("53:54:00:12:34:56"))),
        wrong(
            "network_interfaces[0].mac_address",
            spec -> spec.setNetworkInterfaces(0, card("52-54"))),
        wrong(
            "network_interfaces[1].backend",
            spec -> spec.addNetworkInterfaces(NetworkInterface.getDefaultInstance())),
        wrong(
            "network_interfaces[1].user.port_forwards.host_port",
            spec -> spec.addNetworkInterfaces(spec.getNetworkInterfaces(0))),
        wrong(
            "network_interfaces[1].user.port_forwards.guest_port",
            spec -> spec.addNetworkInterfaces(forwarding(80, 65_536))),
        wrong(
            "serial_consoles",
            spec ->
                spec.addAllSerialConsoles(
                    Collections.nCopies(4, SerialConsole.getDefaultInstance()))),
        wrong(
            "random_source.bytes_per_second",
            spec -> spec.setRandomSource(RandomSource.newBuilder().setBytesPerSecond(-1))),
        wrong("qemu_args", spec -> spec.addAllQemuArgs(Collections.nCopies(65, "-x"))),
        wrong("qemu_args[0]", spec -> spec.addQemuArgs("x".repeat(4097))),
        wrong("qemu_args[0]", spec -> spec.addQemuArgs("a\0b")));
  }

  @ParameterizedTest
  @MethodSource("impossible")
  void impossibleValuesAreRefusedByTheirField(
      ErrorReason reason, String field, UnaryOperator<DomainSpec.Builder> change) {
    DriverException failure =
        catchThrowableOfType(
            DriverException.class, () -> rule.check(change.apply(SOUND.toBuilder()).build()));
    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure.metadata()).containsEntry("field", field);
    assertThat(failure).hasMessageContaining(field);
  }

  @Test
  void limitsThemselvesAreAllowed() {
    assertThatNoException()
        .isThrownBy(
            () ->
                rule.check(
                    SOUND.toBuilder()
                        .setName("a".repeat(64))
                        .setTitle("t".repeat(256))
                        .setMemoryBytes(16L << 40)
                        .setVcpus(512)
                        .build()));
    assertThatNoException()
        .isThrownBy(
            () ->
                rule.check(
                    DomainSpec.newBuilder().setName("_a+b.c-d").setMemoryBytes(1L << 20).build()));
  }

  private static Boot.Builder direct(DirectKernelBoot.Builder kernel) {
    return Boot.newBuilder().setDirectKernel(kernel);
  }

  private static NetworkInterface card(String mac) {
    return NetworkInterface.newBuilder()
        .setMacAddress(mac)
        .setUser(UserNetwork.getDefaultInstance())
        .build();
  }

  private static NetworkInterface forwarding(int host, int guest) {
    return NetworkInterface.newBuilder()
        .setUser(
            UserNetwork.newBuilder()
                .addPortForwards(PortForward.newBuilder().setHostPort(host).setGuestPort(guest)))
        .build();
  }
}
