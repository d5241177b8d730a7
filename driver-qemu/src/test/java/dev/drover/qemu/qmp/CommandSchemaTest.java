package dev.drover.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.qemu.probe.CapturedSchemas;
import dev.drover.qemu.probe.QmpSchema;
import java.io.FileDescriptor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommandSchemaTest {

  @ParameterizedTest
  @EnumSource(CapturedSchemas.class)
  void everyCommandIsWhatTheCapturedQemuUnderstands(CapturedSchemas captured) {
    QmpSchema schema = captured.schema();
    List<String> problems = new ArrayList<>();
    for (QmpCommand<?> command : fullCommands(captured)) {
      problems.addAll(schema.validate(command.name(), command.arguments()));
    }
    assertThat(problems).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(CapturedSchemas.class)
  void everyCommandWithoutItsOptionalArgumentsIsUnderstoodToo(CapturedSchemas captured) {
    QmpSchema schema = captured.schema();
    List<String> problems = new ArrayList<>();
    for (QmpCommand<?> command : sparseCommands()) {
      problems.addAll(schema.validate(command.name(), command.arguments()));
    }
    assertThat(problems).isEmpty();
  }

  @Test
  void noCommandIsLeftOut() {
    Set<Class<?>> checked =
        fullCommands(CapturedSchemas.QEMU_10_0).stream()
            .map(QmpCommand::getClass)
            .collect(Collectors.toSet());
    Set<Class<?>> existing = leaves(QmpCommand.class).collect(Collectors.toSet());
    assertThat(checked).isEqualTo(existing);
  }

  @Test
  void backingMaskProtocolIsRefusedByTheOlderSchema() {
    ObjectNode arguments = stream(Optional.of(true)).arguments();
    assertThat(CapturedSchemas.QEMU_7_2.schema().validate("block-stream", arguments))
        .containsExactly("block-stream.backing-mask-protocol is unknown");
  }

  private static Stream<Class<?>> leaves(Class<?> type) {
    Class<?>[] permitted = type.getPermittedSubclasses();
    return permitted == null
        ? Stream.of(type)
        : Stream.of(permitted).flatMap(CommandSchemaTest::leaves);
  }

  private static BlockJobCommand.BlockStream stream(Optional<Boolean> mask) {
    return new BlockJobCommand.BlockStream(
        JobOptions.manual("job").withSpeed(1 << 20).withFilterNodeName("filter"),
        "d0-active",
        Optional.of("d0-base"),
        Optional.empty(),
        Optional.of("base.qcow2"),
        mask,
        Optional.of(OnError.STOP));
  }

  private static List<QmpCommand<?>> fullCommands(CapturedSchemas captured) {
    Optional<Boolean> mask =
        captured.schema().hasArgument("block-stream", "backing-mask-protocol")
            ? Optional.of(true)
            : Optional.empty();
    JobOptions options = JobOptions.manual("job").withSpeed(1 << 20).withFilterNodeName("filter");
    List<QmpCommand<?>> commands = new ArrayList<>();
    if (captured.schema().hasCommand("blockdev-set-active")) {
      commands.add(new MigrationCommand.ActivateImages());
    }
    commands.addAll(common(mask, options));
    return commands;
  }

  private static List<QmpCommand<?>> common(Optional<Boolean> mask, JobOptions options) {
    return List.of(
        stream(mask),
        new BlockJobCommand.BlockCommit(
            options,
            "d0-active",
            "d0-base",
            "d0-snap1",
            Optional.of("base.qcow2"),
            mask,
            Optional.of(OnError.REPORT)),
        new BlockJobCommand.BlockdevMirror(
            options,
            "d0-active",
            "d0-copy",
            MirrorSync.TOP,
            Optional.of("d0-active"),
            Optional.of(MirrorCopyMode.WRITE_BLOCKING),
            OptionalLong.of(65536),
            OptionalLong.of(65536),
            Optional.of(OnError.ENOSPC),
            Optional.of(OnError.STOP)),
        new BlockJobCommand.SetSpeed("job", 0),
        new BlockJobCommand.BlockJobCancel("job", false),
        new BlockJobCommand.JobCancel("job"),
        new BlockJobCommand.JobComplete("job"),
        new BlockJobCommand.JobFinalize("job"),
        new BlockJobCommand.JobDismiss("job"),
        new BlockJobCommand.JobPause("job"),
        new BlockJobCommand.JobResume("job"),
        new BlockCommand.BlockdevAdd(qcow2Node()),
        new BlockCommand.BlockdevDel("d0-active"),
        new BlockCommand.BlockdevReopen(List.of(qcow2Node(), qcow2Node())),
        new BlockCommand.Transaction(
            List.of(
                new TransactionAction.BlockdevSnapshot("d0-active", "d0-new"),
                new TransactionAction.InternalSnapshot("d0-active", "before"),
                new TransactionAction.Abort())),
        new BlockCommand.DeleteInternalSnapshot("d0-active", "before"),
        new BlockCommand.SnapshotSave("job", "before", "d0-active", List.of("d0-active", "d1")),
        new BlockCommand.SnapshotLoad("job", "before", "d0-active", List.of("d0-active", "d1")),
        new BlockCommand.BlockResize("d0-active", 1L << 40),
        new BlockCommand.ChangeBackingFile("d0-active", "d0-snap1", "base.qcow2"),
        new MigrationCommand.TellStates(),
        new MigrationCommand.SetBandwidth(1L << 50),
        new MigrationCommand.SetDowntime(Duration.ofMillis(100)),
        new MigrationCommand.Migrate(Path.of("/run/socket")),
        new MigrationCommand.MigrateCancel(),
        new MigrationCommand.StartExports(Path.of("/run/exports")),
        new MigrationCommand.ExportNode("export", "d0-active"),
        new MigrationCommand.StopExports(),
        new RunCommand.Stop(),
        new RunCommand.Cont(),
        new RunCommand.SystemPowerdown(),
        new RunCommand.SystemReset(),
        new RunCommand.Quit(),
        new RunCommand.SetShutdownAction(true),
        new DeviceCommand.DeviceAdd(
            object().put("driver", "virtio-blk-pci").put("id", "d0").put("drive", "d0-active")),
        new DeviceCommand.DeviceDel("d0"),
        new DeviceCommand.ObjectAdd(object().put("qom-type", "iothread").put("id", "io0")),
        new DeviceCommand.ObjectDel("io0"),
        new DeviceCommand.Balloon(1L << 30),
        new MonitorCommand.Capabilities(true),
        new MonitorCommand.HumanMonitor("info block", OptionalInt.of(0)),
        new MonitorCommand.AddFd(FileDescriptor.in, OptionalLong.of(7), Optional.of("vda")),
        new MonitorCommand.RemoveFd(7, OptionalLong.of(12)),
        new MonitorCommand.GetFd(FileDescriptor.in, "name"),
        new MonitorCommand.CloseFd("name"),
        new MonitorCommand.YankBlockNodes(List.of("d0-nbd")),
        new QueryCommand.QueryStatus(),
        new QueryCommand.QueryMigrate(),
        new QueryCommand.QueryMachine(),
        new QueryCommand.QueryUuid(),
        new QueryCommand.QueryName(),
        new QueryCommand.QueryVersion(),
        new QueryCommand.QueryQmpSchema(),
        new QueryCommand.QueryJobs(),
        new QueryCommand.QueryBlockJobs(),
        new QueryCommand.QueryBlock(),
        new QueryCommand.QueryCpusFast(),
        new QueryCommand.QueryBalloon(),
        new QueryCommand.QueryCharacterDevices(),
        new QueryCommand.QueryKvm(),
        new QueryCommand.QueryMachines(),
        new QueryCommand.QueryCpuDefinitions(),
        new QueryCommand.QueryBlockGraph(),
        new QueryCommand.QueryNamedBlockNodes(true),
        new QueryCommand.QueryBlockStats(true));
  }

  private static List<QmpCommand<?>> sparseCommands() {
    return List.of(
        new BlockJobCommand.BlockStream(
            JobOptions.manual("job"),
            "d0-active",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        new BlockJobCommand.BlockCommit(
            JobOptions.manual("job"),
            "d0-active",
            "d0-base",
            "d0-active",
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        new BlockJobCommand.BlockdevMirror(
            JobOptions.manual("job"),
            "d0-active",
            "d0-copy",
            MirrorSync.FULL,
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            Optional.empty()),
        new MonitorCommand.Capabilities(false),
        new MonitorCommand.HumanMonitor("info block"),
        new MonitorCommand.AddFd(FileDescriptor.in, OptionalLong.empty(), Optional.empty()),
        new MonitorCommand.RemoveFd(7, OptionalLong.empty()));
  }

  private static ObjectNode qcow2Node() {
    ObjectNode node =
        object()
            .put("driver", "qcow2")
            .put("node-name", "d0-active")
            .put("read-only", false)
            .put("discard", "unmap");
    node.set("file", object().put("driver", "file").put("filename", "/images/active.qcow2"));
    node.putNull("backing");
    return node;
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
