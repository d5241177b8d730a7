package dev.drover.conformance.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Refusal;
import dev.drover.v1.Boot;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DirectKernelBoot;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.FirmwareBoot;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.NetworkInterface;
import dev.drover.v1.PortForward;
import dev.drover.v1.UserNetwork;
import java.util.List;
import java.util.function.Consumer;

/** Specs with values that cannot be (R24). */
public final class SpecCases {

  private final Bench bench;

  /** Works on a bench. */
  public SpecCases(Bench bench) {
    this.bench = bench;
  }

  /**
   * A spec that cannot be.
   *
   * @param label what is wrong
   * @param field beginning of the field named in the refusal
   * @param reason reason of the refusal
   * @param spoil makes it wrong
   */
  public record Impossible(
      String label, String field, ErrorReason reason, Consumer<DomainSpec.Builder> spoil) {

    @Override
    public String toString() {
      return label;
    }
  }

  /** Every impossible value. */
  public static List<Impossible> impossible() {
    return List.of(
        invalid("no name", "spec.name", spec -> spec.setName("")),
        invalid("a name with a slash", "spec.name", spec -> spec.setName("a/b")),
        invalid("a name that starts with a dot", "spec.name", spec -> spec.setName(".a")),
        invalid("a name of 65 characters", "spec.name", spec -> spec.setName("n".repeat(65))),
        invalid("a uuid that is none", "spec.uuid", spec -> spec.setUuid("4711")),
        invalid("no memory", "spec.memory_bytes", spec -> spec.setMemoryBytes(0)),
        invalid("memory of half a MiB", "spec.memory_bytes", spec -> spec.setMemoryBytes(1 << 19)),
        invalid("memory of 32 TiB", "spec.memory_bytes", spec -> spec.setMemoryBytes(1L << 45)),
        invalid("10,000 processors", "spec.vcpus", spec -> spec.setVcpus(10_000)),
        invalid("a machine with a space", "spec.machine", spec -> spec.setMachine("q35 -S")),
        invalid("a title of two lines", "spec.title", spec -> spec.setTitle("a\nb")),
        invalid("a label key in capitals", "spec.labels", spec -> spec.putLabels("Team", "x")),
        invalid(
            "a disk target with a slash",
            "spec.disks[0].target",
            spec -> spec.addDisks(disk("v/da", "/x", ImageFormat.IMAGE_FORMAT_RAW))),
        invalid(
            "two disks of one target",
            "spec.disks[1].target",
            spec ->
                spec.addDisks(disk("vda", "/x", ImageFormat.IMAGE_FORMAT_RAW))
                    .addDisks(disk("vda", "/y", ImageFormat.IMAGE_FORMAT_RAW))),
        invalid(
            "a disk without a format",
            "spec.disks[0].source.format",
            spec -> spec.addDisks(disk("vda", "/x", ImageFormat.IMAGE_FORMAT_UNSPECIFIED))),
        path(
            "a disk with a relative path",
            spec -> spec.addDisks(disk("vda", "x.raw", ImageFormat.IMAGE_FORMAT_RAW))),
        path(
            "a disk path with a line break",
            spec -> spec.addDisks(disk("vda", "/x\n.raw", ImageFormat.IMAGE_FORMAT_RAW))),
        path(
            "a kernel with a relative path",
            spec ->
                spec.setBoot(
                    Boot.newBuilder()
                        .setDirectKernel(DirectKernelBoot.newBuilder().setKernelPath("vmlinuz")))),
        invalid(
            "a boot order with a disk that is none",
            "spec.boot.firmware.boot_order",
            spec ->
                spec.setBoot(
                    Boot.newBuilder().setFirmware(FirmwareBoot.newBuilder().addBootOrder("vdq")))),
        invalid(
            "a multicast MAC address",
            "spec.network_interfaces[0].mac_address",
            spec ->
                spec.addNetworkInterfaces(
                    NetworkInterface.newBuilder()
                        .setMacAddress("01:00:5e:00:00:01")
                        .setUser(UserNetwork.getDefaultInstance()))),
        invalid(
            "a network card that is connected to nothing",
            "spec.network_interfaces[0].backend",
            spec -> spec.addNetworkInterfaces(NetworkInterface.getDefaultInstance())),
        invalid(
            "a port of 70,000",
            "spec.network_interfaces[0].user.port_forwards",
            spec ->
                spec.addNetworkInterfaces(
                    NetworkInterface.newBuilder()
                        .setUser(
                            UserNetwork.newBuilder()
                                .addPortForwards(
                                    PortForward.newBuilder()
                                        .setHostPort(70_000)
                                        .setGuestPort(22))))));
  }

  @Case("an impossible spec is refused with its field, and nothing is stored")
  @Requirement({"R24"})
  @EachOf("impossible")
  public void impossibleSpec(Impossible impossible) {
    DomainSpec.Builder spec = bench.spec(bench.name("vm")).toBuilder();
    impossible.spoil().accept(spec);

    Refusal refusal =
        Refusal.of(
                () ->
                    bench
                        .calls()
                        .domains()
                        .defineDomain(DefineDomainRequest.newBuilder().setSpec(spec).build()))
            .is(impossible.reason());

    assertThat(refusal.metadata().getOrDefault("field", "")).startsWith(impossible.field());
    assertThat(bench.domains()).isEmpty();
  }

  @Case("a machine that the driver does not have is refused when it is defined or started")
  @Requirement({"R24"})
  public void unknownMachine() {
    DomainSpec spec =
        bench.spec(bench.name("vm")).toBuilder().setMachine("no-such-machine").build();

    Refusal.of(() -> bench.define(spec).start())
        .isOneOf(
            ErrorReason.ERROR_REASON_DOMAIN_SPEC_UNSUPPORTED,
            ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED);
    assertThat(bench.domains()).allMatch(domain -> domain.getStatus().getId() == 0);
  }

  @Case("a disk is never left out: one without an image is refused when it is defined or started")
  @Requirement({"R24"})
  public void diskLeftOut() {
    DomainSpec spec =
        bench.spec(
            bench.name("vm"),
            Disk.newBuilder()
                .setTarget("vda")
                .setSource(
                    Image.newBuilder()
                        .setPath("/" + bench.name("none") + "/none.qcow2")
                        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))
                .build());

    Refusal.of(() -> bench.define(spec).start())
        .isOneOf(
            ErrorReason.ERROR_REASON_DOMAIN_SPEC_UNSUPPORTED,
            ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND,
            ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED);
    assertThat(bench.domains()).allMatch(domain -> domain.getStatus().getId() == 0);
  }

  private static Impossible invalid(
      String label, String field, Consumer<DomainSpec.Builder> spoil) {
    return new Impossible(label, field, ErrorReason.ERROR_REASON_DOMAIN_SPEC_INVALID, spoil);
  }

  private static Impossible path(String label, Consumer<DomainSpec.Builder> spoil) {
    return new Impossible(label, "spec.", ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED, spoil);
  }

  private static Disk.Builder disk(String target, String path, ImageFormat format) {
    return Disk.newBuilder()
        .setTarget(target)
        .setSource(Image.newBuilder().setPath(path).setFormat(format));
  }
}
