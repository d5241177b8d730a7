package dev.drover.qemu.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.v1.Acceleration;
import dev.drover.v1.Balloon;
import dev.drover.v1.Boot;
import dev.drover.v1.ChainImage;
import dev.drover.v1.DirectKernelBoot;
import dev.drover.v1.Disk;
import dev.drover.v1.DiskCache;
import dev.drover.v1.DiskDiscard;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.FirmwareBoot;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.NetworkInterface;
import dev.drover.v1.PortForward;
import dev.drover.v1.PowerAction;
import dev.drover.v1.PowerActions;
import dev.drover.v1.RandomSource;
import dev.drover.v1.SerialConsole;
import dev.drover.v1.UserNetwork;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whole command lines, word for word. */
class CommandLineTest {

  private static final String UUID = "7b0d9f3c-1d2e-4f5a-8b6c-9d0e1f2a3b4c";

  @Test
  void aDomainWithEveryDevice() {
    DomainSpec spec =
        DomainSpec.newBuilder()
            .setName("full")
            .setUuid(UUID)
            .setMemoryBytes(512L << 20)
            .setVcpus(2)
            .setMachine("pc-q35-7.2")
            .setCpuModel("max")
            .setBoot(
                Boot.newBuilder()
                    .setDirectKernel(
                        DirectKernelBoot.newBuilder()
                            .setKernelPath("/boot/vmlinuz")
                            .setInitrdPath("/boot/initrd")
                            .setCommandLine("console=ttyS0 quiet")))
            .addDisks(
                Disk.newBuilder()
                    .setTarget("vda")
                    .setSource(image("/images/top.qcow2", ImageFormat.IMAGE_FORMAT_QCOW2))
                    .setSerial("SN1"))
            .addDisks(
                Disk.newBuilder()
                    .setTarget("vdb")
                    .setReadOnly(true)
                    .setCache(DiskCache.DISK_CACHE_NONE)
                    .setDiscard(DiskDiscard.DISK_DISCARD_IGNORE)
                    .setSource(image("/images/data, old.raw", ImageFormat.IMAGE_FORMAT_RAW)))
            .addNetworkInterfaces(
                NetworkInterface.newBuilder()
                    .setMacAddress("52:54:00:12:34:56")
                    .setUser(
                        UserNetwork.newBuilder()
                            .setRestrict(true)
                            .addPortForwards(
                                PortForward.newBuilder().setHostPort(2222).setGuestPort(22))))
            .addSerialConsoles(SerialConsole.getDefaultInstance())
            .addSerialConsoles(SerialConsole.newBuilder().setLogPath("/logs/a,b.log"))
            .setRandomSource(RandomSource.newBuilder().setBytesPerSecond(1024))
            .setBalloon(Balloon.getDefaultInstance())
            .setPowerActions(
                PowerActions.newBuilder()
                    .setOnPoweroff(PowerAction.POWER_ACTION_RESTART)
                    .setOnReboot(PowerAction.POWER_ACTION_DESTROY))
            .addQemuArgs("-global")
            .addQemuArgs("kvm-pit.lost_tick_policy=discard")
            .build();
    List<DiskGraph> disks =
        List.of(
            disk(
                "vda",
                node("/images/top.qcow2", ImageFormat.IMAGE_FORMAT_QCOW2, "vda-2"),
                node("/images/base.raw", ImageFormat.IMAGE_FORMAT_RAW, "vda-1")),
            disk("vdb", node("/images/data, old.raw", ImageFormat.IMAGE_FORMAT_RAW, "vdb-3")));

    assertThat(CommandLine.of(plan(spec, Acceleration.ACCELERATION_KVM, disks)))
        .containsExactly(
            "/usr/bin/qemu-system-x86_64",
            "-name",
            "guest=full,debug-threads=on",
            "-uuid",
            UUID,
            "-S",
            "-no-user-config",
            "-nodefaults",
            "-display",
            "none",
            "-sandbox",
            "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            "-msg",
            "timestamp=on",
            "-pidfile",
            "/run/d,1/qemu.pid",
            "-machine",
            "type=pc-q35-7.2",
            "-accel",
            "kvm",
            "-cpu",
            "max",
            "-m",
            "size=512M",
            "-smp",
            "cpus=2",
            "-rtc",
            "base=utc",
            "-action",
            "reboot=shutdown,shutdown=pause",
            "-chardev",
            "socket,id=monitor,server=on,wait=off,path=/run/d,,1/qmp",
            "-mon",
            "chardev=monitor,mode=control",
            "-chardev",
            "socket,id=diagnostics,server=on,wait=off,path=/run/d,,1/qmp-diag",
            "-mon",
            "chardev=diagnostics,mode=control",
            "-kernel",
            "/boot/vmlinuz",
            "-initrd",
            "/boot/initrd",
            "-append",
            "console=ttyS0 quiet",
            "-blockdev",
            "{\"driver\":\"file\",\"node-name\":\"vda-1-file\",\"filename\":\"/images/base.raw\","
                + "\"auto-read-only\":true,\"discard\":\"unmap\"}",
            "-blockdev",
            "{\"driver\":\"raw\",\"node-name\":\"vda-1\",\"file\":\"vda-1-file\","
                + "\"read-only\":true,\"discard\":\"unmap\"}",
            "-blockdev",
            "{\"driver\":\"file\",\"node-name\":\"vda-2-file\",\"filename\":\"/images/top.qcow2\","
                + "\"auto-read-only\":true,\"discard\":\"unmap\"}",
            "-blockdev",
            "{\"driver\":\"qcow2\",\"node-name\":\"vda-2\",\"file\":\"vda-2-file\","
                + "\"read-only\":false,\"backing\":\"vda-1\",\"discard\":\"unmap\"}",
            "-device",
            "{\"driver\":\"virtio-blk-pci\",\"id\":\"disk-vda\",\"addr\":\"2.0\","
                + "\"multifunction\":true,\"drive\":\"vda-2\",\"serial\":\"SN1\"}",
            "-blockdev",
            "{\"driver\":\"file\",\"node-name\":\"vdb-3-file\","
                + "\"filename\":\"/images/data, old.raw\",\"auto-read-only\":true,"
                + "\"discard\":\"ignore\",\"cache\":{\"direct\":true,\"no-flush\":false}}",
            "-blockdev",
            "{\"driver\":\"raw\",\"node-name\":\"vdb-3\",\"file\":\"vdb-3-file\","
                + "\"read-only\":true,\"discard\":\"ignore\","
                + "\"cache\":{\"direct\":true,\"no-flush\":false}}",
            "-device",
            "{\"driver\":\"virtio-blk-pci\",\"id\":\"disk-vdb\",\"addr\":\"2.1\","
                + "\"drive\":\"vdb-3\"}",
            "-netdev",
            "user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:2222-:22",
            "-device",
            "{\"driver\":\"virtio-net-pci\",\"id\":\"nic-0\",\"addr\":\"2.2\","
                + "\"netdev\":\"net0\",\"mac\":\"52:54:00:12:34:56\",\"romfile\":\"\"}",
            "-chardev",
            "file,id=serial0,path=/run/d,,1/serial0.log",
            "-device",
            "{\"driver\":\"isa-serial\",\"id\":\"console-0\",\"chardev\":\"serial0\",\"index\":0}",
            "-chardev",
            "file,id=serial1,path=/logs/a,,b.log",
            "-device",
            "{\"driver\":\"isa-serial\",\"id\":\"console-1\",\"chardev\":\"serial1\",\"index\":1}",
            "-object",
            "{\"qom-type\":\"rng-random\",\"id\":\"random-source\","
                + "\"filename\":\"/dev/urandom\"}",
            "-device",
            "{\"driver\":\"virtio-rng-pci\",\"id\":\"random\",\"addr\":\"2.3\","
                + "\"rng\":\"random-source\",\"max-bytes\":1024,\"period\":1000}",
            "-device",
            "{\"driver\":\"virtio-balloon-pci\",\"id\":\"balloon\",\"addr\":\"2.4\"}",
            "-global",
            "kvm-pit.lost_tick_policy=discard");
  }

  @Test
  void aDomainThatSaysNothingIsAQ35WithTcgAndFirmware() {
    DomainSpec spec =
        DomainSpec.newBuilder().setName("bare").setUuid(UUID).setMemoryBytes(16L << 20).build();
    assertThat(CommandLine.of(plan(spec, Acceleration.ACCELERATION_TCG, List.of())))
        .containsSequence("-machine", "type=q35", "-accel", "tcg", "-m", "size=16M")
        .containsSequence("-smp", "cpus=1")
        .containsSequence("-action", "reboot=reset,shutdown=poweroff")
        .containsSequence("-boot", "strict=on")
        .doesNotContain("-kernel", "-cpu", "-device", "-netdev", "-blockdev");
  }

  @Test
  void theFirmwareTriesDisksInTheOrderAskedFor() {
    DomainSpec spec =
        DomainSpec.newBuilder()
            .setName("order")
            .setUuid(UUID)
            .setMemoryBytes(16L << 20)
            .setBoot(
                Boot.newBuilder()
                    .setFirmware(
                        FirmwareBoot.newBuilder().setPath("/fw/bios.bin").addBootOrder("vdb")))
            .addDisks(
                Disk.newBuilder()
                    .setTarget("vda")
                    .setSource(image("/i/a", ImageFormat.IMAGE_FORMAT_RAW)))
            .addDisks(
                Disk.newBuilder()
                    .setTarget("vdb")
                    .setSource(image("/i/b", ImageFormat.IMAGE_FORMAT_RAW)))
            .build();
    List<String> line =
        CommandLine.of(
            plan(
                spec,
                Acceleration.ACCELERATION_TCG,
                List.of(
                    disk("vda", node("/i/a", ImageFormat.IMAGE_FORMAT_RAW, "vda-1")),
                    disk("vdb", node("/i/b", ImageFormat.IMAGE_FORMAT_RAW, "vdb-2")))));
    assertThat(line).containsSequence("-bios", "/fw/bios.bin");
    assertThat(line.stream().filter(word -> word.contains("bootindex")))
        .singleElement()
        .asString()
        .contains("disk-vdb", "\"bootindex\":1");
  }

  @Test
  void aCommaInAClientsValueNeverBecomesAnOption() {
    DomainSpec spec =
        DomainSpec.newBuilder()
            .setName("comma")
            .setUuid(UUID)
            .setMemoryBytes(16L << 20)
            .setMachine("q35,firmware=/etc/passwd")
            .setCpuModel("max,host=x")
            .build();
    assertThat(CommandLine.of(plan(spec, Acceleration.ACCELERATION_TCG, List.of())))
        .contains("type=q35,,firmware=/etc/passwd", "max,,host=x");
  }

  private static LaunchPlan plan(
      DomainSpec spec, Acceleration acceleration, List<DiskGraph> disks) {
    return new LaunchPlan(
        Path.of("/usr/bin/qemu-system-x86_64"),
        spec,
        acceleration,
        new RunFiles(Path.of("/run/d,1")),
        disks,
        false);
  }

  private static Image image(String path, ImageFormat format) {
    return Image.newBuilder().setPath(path).setFormat(format).build();
  }

  private static ImageNode node(String path, ImageFormat format, String name) {
    return ImageNode.named(ChainImage.newBuilder().setPath(path).setFormat(format).build(), name);
  }

  private static DiskGraph disk(String target, ImageNode... images) {
    return new DiskGraph(target, CommandLine.diskPath(target), List.of(images));
  }
}
