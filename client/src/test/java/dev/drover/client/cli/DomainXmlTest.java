package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.drover.v1.Acceleration;
import dev.drover.v1.Balloon;
import dev.drover.v1.Boot;
import dev.drover.v1.DirectKernelBoot;
import dev.drover.v1.Disk;
import dev.drover.v1.DiskCache;
import dev.drover.v1.DiskDiscard;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.FirmwareBoot;
import dev.drover.v1.GuestAgent;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.NetworkInterface;
import dev.drover.v1.PortForward;
import dev.drover.v1.PowerAction;
import dev.drover.v1.PowerActions;
import dev.drover.v1.RandomSource;
import dev.drover.v1.SerialConsole;
import dev.drover.v1.UserNetwork;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** libvirt's domain XML, in and out (R24). */
class DomainXmlTest {
  private static final DomainSpec WHOLE =
      DomainSpec.newBuilder()
          .setName("web")
          .setUuid("6f2a4f8e-27f2-4b51-9d5e-0d1c4c1f0a11")
          .setTitle("A <web> server's")
          .setDescription("two\nlines & more")
          .putLabels("team", "storage")
          .putLabels("a/b", "it's")
          .setMemoryBytes(512L << 20)
          .setVcpus(4)
          .setMachine("pc-q35-7.2")
          .setCpuModel("qemu64")
          .setAcceleration(Acceleration.ACCELERATION_AUTO)
          .setBoot(
              Boot.newBuilder()
                  .setFirmware(
                      FirmwareBoot.newBuilder()
                          .setPath("/firmware/bios.bin")
                          .addBootOrder("vdb")
                          .addBootOrder("vda")))
          .addDisks(
              Disk.newBuilder()
                  .setTarget("vda")
                  .setSource(image("/images/a b'.qcow2", ImageFormat.IMAGE_FORMAT_QCOW2))
                  .setReadOnly(true)
                  .setSerial("S-1")
                  .setCache(DiskCache.DISK_CACHE_NONE)
                  .setDiscard(DiskDiscard.DISK_DISCARD_IGNORE))
          .addDisks(
              Disk.newBuilder()
                  .setTarget("vdb")
                  .setSource(image("/dev/vg/data", ImageFormat.IMAGE_FORMAT_RAW))
                  .setReadOnly(true)
                  .setCache(DiskCache.DISK_CACHE_WRITEBACK)
                  .setDiscard(DiskDiscard.DISK_DISCARD_UNMAP))
          .addDisks(Disk.newBuilder().setTarget("vdc"))
          .addNetworkInterfaces(
              NetworkInterface.newBuilder()
                  .setMacAddress("52:54:00:12:34:56")
                  .setUser(
                      UserNetwork.newBuilder()
                          .setRestrict(true)
                          .addPortForwards(
                              PortForward.newBuilder().setHostPort(2222).setGuestPort(22))))
          .addNetworkInterfaces(
              NetworkInterface.newBuilder().setUser(UserNetwork.getDefaultInstance()))
          .addSerialConsoles(SerialConsole.newBuilder().setLogPath("/var/log/web.console"))
          .addSerialConsoles(SerialConsole.getDefaultInstance())
          .setRandomSource(RandomSource.newBuilder().setBytesPerSecond(4096))
          .setBalloon(Balloon.getDefaultInstance())
          .setPowerActions(
              PowerActions.newBuilder()
                  .setOnPoweroff(PowerAction.POWER_ACTION_RESTART)
                  .setOnReboot(PowerAction.POWER_ACTION_DESTROY))
          .addQemuArgs("-device")
          .addQemuArgs("edu,id='x'")
          .setGuestAgent(GuestAgent.getDefaultInstance())
          .build();

  private static Image image(String path, ImageFormat format) {
    return Image.newBuilder().setPath(path).setFormat(format).build();
  }

  static List<DomainSpec> specs() {
    DomainSpec least = DomainSpec.newBuilder().setName("least").setMemoryBytes(1 << 20).build();
    return List.of(
        WHOLE,
        least,
        least.toBuilder().setAcceleration(Acceleration.ACCELERATION_KVM).build(),
        least.toBuilder().setAcceleration(Acceleration.ACCELERATION_TCG).build(),
        least.toBuilder().setCpuModel("host").build(),
        least.toBuilder().setCpuModel("max").build(),
        least.toBuilder().setRandomSource(RandomSource.getDefaultInstance()).build(),
        least.toBuilder()
            .setBoot(Boot.newBuilder().setFirmware(FirmwareBoot.getDefaultInstance()))
            .build(),
        least.toBuilder()
            .setBoot(
                Boot.newBuilder()
                    .setDirectKernel(
                        DirectKernelBoot.newBuilder()
                            .setKernelPath("/boot/vmlinuz")
                            .setInitrdPath("/boot/initrd")
                            .setCommandLine("console=ttyS0 quiet")))
            .build());
  }

  @ParameterizedTest
  @MethodSource("specs")
  @DisplayName("What is written is read back as the very spec")
  void roundTrip(DomainSpec spec) {
    assertThat(read(DomainXml.definition(Domain.newBuilder().setSpec(spec).build())))
        .isEqualTo(new DomainDocument(spec, List.of()));
  }

  @Test
  @DisplayName("No field of a spec is forgotten by the test above")
  void everyField() {
    Set<String> missing = new TreeSet<>();
    unset(WHOLE, missing);

    assertThat(missing).containsExactly("boot.direct_kernel");
  }

  private static void unset(Message message, Set<String> missing) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      boolean set =
          field.isRepeated() ? message.getRepeatedFieldCount(field) > 0 : message.hasField(field);
      if (!set) {
        missing.add(
            message.getDescriptorForType().getName().toLowerCase(Locale.ROOT)
                + "."
                + field.getName());
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()) {
        unset(
            (Message)
                (field.isRepeated() ? message.getRepeatedField(field, 0) : message.getField(field)),
            missing);
      }
    }
  }

  @Test
  @DisplayName("A running domain is told with its id and what it really runs on")
  void live() {
    DomainStatus status =
        DomainStatus.newBuilder()
            .setId(7)
            .setAcceleration(Acceleration.ACCELERATION_KVM)
            .setLiveSpec(WHOLE.toBuilder().setTitle("as it runs"))
            .build();
    Domain domain = Domain.newBuilder().setSpec(WHOLE).setStatus(status).build();

    assertThat(DomainXml.live(domain))
        .startsWith("<domain type='kvm' id='7' ")
        .contains("<title>as it runs</title>");
    assertThat(read(DomainXml.live(domain)).spec()).isEqualTo(status.getLiveSpec());
    assertThat(DomainXml.definition(domain)).startsWith("<domain type='qemu' xmlns");
  }

  @Test
  @DisplayName("A document of libvirt's is understood, and what is not supported is named")
  void foreign() {
    DomainDocument document =
        read(
            """
            <domain type='kvm' id='3'>
              <name>db</name>
              <metadata>
                <os:info xmlns:os='http://example.org/os'/>
              </metadata>
              <memory unit='MiB'>256</memory>
              <currentMemory unit='KiB'>262144</currentMemory>
              <vcpu placement='static'>2</vcpu>
              <os>
                <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
                <boot dev='hd'/>
              </os>
              <features><acpi/><apic/><vmport state='off'/></features>
              <cpu mode='host-passthrough' check='none' migratable='on'/>
              <clock offset='utc'>
                <timer name='hpet' present='no'/>
              </clock>
              <on_poweroff>destroy</on_poweroff>
              <on_reboot>restart</on_reboot>
              <on_crash>destroy</on_crash>
              <devices>
                <emulator>/usr/bin/qemu-system-x86_64</emulator>
                <disk type='file' device='disk'>
                  <driver name='qemu' type='qcow2' cache='none' io='native'/>
                  <source file='/images/db.qcow2' index='1'/>
                  <backingStore type='file'><source file='/images/base'/></backingStore>
                  <target dev='sda' bus='scsi'/>
                  <alias name='scsi0-0'/>
                  <address type='drive' unit='0'/>
                </disk>
                <disk type='file' device='cdrom'>
                  <target dev='sdb' bus='sata'/>
                </disk>
                <controller type='usb' index='0'/>
                <controller type='sata' index='0'/>
                <interface type='bridge'><source bridge='br0'/></interface>
                <interface type='user'>
                  <mac address='52:54:00:00:00:01'/>
                  <model type='e1000'/>
                </interface>
                <serial type='pty'><target type='isa-serial' port='0'/></serial>
                <console type='pty'><target type='serial' port='0'/></console>
                <input type='mouse' bus='ps2'/>
                <input type='tablet' bus='usb'/>
              </devices>
            </domain>
            """);

    assertThat(document.spec())
        .isEqualTo(
            DomainSpec.newBuilder()
                .setName("db")
                .setMemoryBytes(256L << 20)
                .setVcpus(2)
                .setMachine("pc-q35-7.2")
                .setCpuModel("host")
                .setAcceleration(Acceleration.ACCELERATION_KVM)
                .setBoot(Boot.newBuilder().setFirmware(FirmwareBoot.getDefaultInstance()))
                .setPowerActions(
                    PowerActions.newBuilder()
                        .setOnPoweroff(PowerAction.POWER_ACTION_DESTROY)
                        .setOnReboot(PowerAction.POWER_ACTION_RESTART))
                .addDisks(
                    Disk.newBuilder()
                        .setTarget("sda")
                        .setCache(DiskCache.DISK_CACHE_NONE)
                        .setSource(image("/images/db.qcow2", ImageFormat.IMAGE_FORMAT_QCOW2)))
                .addNetworkInterfaces(
                    NetworkInterface.newBuilder()
                        .setMacAddress("52:54:00:00:00:01")
                        .setUser(UserNetwork.getDefaultInstance()))
                .addSerialConsoles(SerialConsole.getDefaultInstance())
                .setBalloon(Balloon.getDefaultInstance())
                .build());
    assertThat(document.leftOut())
        .containsExactly(
            "line 13: <vmport> in <features>",
            "line 16: <timer> in <clock>",
            "line 22: <emulator> in <devices>",
            "line 24: io='native' of <driver>",
            "line 27: bus='scsi' of <target>",
            "line 29: <address> in <disk>",
            "line 31: <disk> in <devices>",
            "line 34: <controller> in <devices> (2 times)",
            "line 36: <interface> in <devices>",
            "line 39: type='e1000' of <model>",
            "line 44: <input> in <devices>",
            "line 4: <os:info> in <metadata>");
  }

  static List<String[]> wrong() {
    return List.of(
        new String[] {"<domain/>", "line 1: <domain> needs attribute 'type'"},
        new String[] {"<domain type='xen'/>", "line 1: <domain type='xen'> is not supported"},
        new String[] {
          "<domain type='kvm'><name>a</name><name>b</name></domain>",
          "line 1: <name> is given twice"
        },
        new String[] {
          "<domain type='kvm'><memory unit='miles'>1</memory></domain>",
          "<memory unit='miles'> is no size: '1'"
        },
        new String[] {"<domain type='kvm'><os><type>xen</type></os></domain>", "only hvm"},
        new String[] {
          "<domain type='kvm'><os><loader type='pflash'>/f</loader></os></domain>", "only rom"
        },
        new String[] {
          "<domain type='kvm'><devices><disk type='network'/></devices></domain>",
          "only file and block"
        },
        new String[] {
          "<domain type='kvm'><devices><disk><driver type='vmdk'/></disk></devices></domain>",
          "Image format 'vmdk' is not known"
        },
        new String[] {
          "<domain type='kvm'><devices><disk/></devices></domain>", "<disk> needs <target>"
        },
        new String[] {
          "<!DOCTYPE domain [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain/>",
          "a document type is not accepted"
        });
  }

  @ParameterizedTest
  @MethodSource("wrong")
  @DisplayName("What cannot be read is refused with its line")
  void refused(String text, String message) {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> read(text))
        .withMessageContaining(message);
  }

  @Test
  @DisplayName("XPath chooses elements, attributes and texts")
  void selection() {
    String document = DomainXml.definition(Domain.newBuilder().setSpec(WHOLE).build());

    assertThat(XmlSelection.of(document, "//disk/target/@dev").lines())
        .isEqualTo("dev=\"vda\"\ndev=\"vdb\"\ndev=\"vdc\"");
    assertThat(XmlSelection.of(document, "/domain/name").wrapped())
        .isEqualTo("<nodes>\n  <name>web</name>\n</nodes>");
    assertThat(XmlSelection.of(document, "//vcpu/text()").lines()).isEqualTo("4");
    assertThat(XmlSelection.of(document, "//nothing").nodes()).isEmpty();
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> XmlSelection.of(document, "//["));
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> XmlSelection.of(document, "count(//disk)"));
  }

  private static DomainDocument read(String text) {
    return DomainDocument.parse("domain.xml", text.getBytes(StandardCharsets.UTF_8));
  }
}
