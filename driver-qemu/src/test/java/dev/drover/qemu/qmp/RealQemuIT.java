package dev.drover.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.qemu.probe.QemuBinary;
import dev.drover.qemu.process.ProcessExit;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.process.SpawnSpec;
import dev.drover.spi.activity.Activities;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("qemu")
@Timeout(120)
class RealQemuIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;
  private QmpEventLoop loop;
  private Optional<QemuProcess> running = Optional.empty();

  @BeforeEach
  void start() {
    loop = new QmpEventLoop(Activities.UNOBSERVED);
  }

  @AfterEach
  void stop() throws InterruptedException {
    loop.close();
    if (running.isPresent()) {
      assertThat(running.get().kill()).isPresent();
    }
  }

  private Path socket() {
    return directory.resolve("qmp.sock");
  }

  private QemuProcess spawn(String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                QemuBinary.find().toString(),
                "-M",
                "q35,accel=tcg",
                "-m",
                "16",
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-S",
                "-qmp",
                "unix:" + socket() + ",server=on,wait=off"));
    command.addAll(List.of(more));
    QemuProcess process =
        QemuProcess.spawn(new SpawnSpec(command, directory, directory.resolve("qemu.log")));
    running = Optional.of(process);
    return process;
  }

  private QmpConnection connect(QemuProcess process) throws IOException {
    return QmpConnection.connectWhenListening(loop, socket(), PATIENCE, process::isAlive);
  }

  private static EventSignal.Occurred nextEvent(EventSubscription subscription) {
    return (EventSignal.Occurred) subscription.next(PATIENCE).orElseThrow();
  }

  // R27
  @Test
  void thePeerIsTheSpawnedProcessAndTheUuidIsTheDomains() throws IOException {
    String uuid = "6a1e6f0a-3b0c-4d5e-8f90-0123456789ab";
    QemuProcess process = spawn("-uuid", uuid, "-name", "guest");
    try (QmpConnection connection = connect(process)) {
      assertThat(connection.peer().pid()).isEqualTo(process.pid());
      assertThat(connection.execute(new QueryCommand.QueryUuid())).hasToString(uuid);
      assertThat(connection.execute(new QueryCommand.QueryName())).contains("guest");
      assertThat(connection.execute(new QueryCommand.QueryStatus()))
          .isEqualTo(new RunStatus(false, RunState.PRELAUNCH));
      assertThat(connection.execute(new QueryCommand.QueryVersion()))
          .isEqualTo(connection.version());
    }
  }

  @Test
  void stopAndContAreAnsweredAndTheirEventsArrive() throws IOException {
    QemuProcess process = spawn();
    try (QmpConnection connection = connect(process);
        EventSubscription events = connection.subscribe(event -> true, 16)) {
      connection.execute(new RunCommand.Cont());
      assertThat(QemuEvent.of(nextEvent(events).event())).isEqualTo(new QemuEvent.Resumed());
      assertThat(connection.execute(new QueryCommand.QueryStatus()).running()).isTrue();
      connection.execute(new RunCommand.Stop());
      assertThat(QemuEvent.of(nextEvent(events).event())).isEqualTo(new QemuEvent.Stopped());
      assertThat(connection.execute(new QueryCommand.QueryStatus()).state())
          .isEqualTo(RunState.PAUSED);
    }
  }

  @Test
  void everyQueryOfARealQemuIsDecoded() throws IOException {
    QemuProcess process = spawn("-device", "virtio-balloon-pci");
    try (QmpConnection connection = connect(process)) {
      addImage(connection, "d0");
      connection.execute(
          new DeviceCommand.ObjectAdd(object().put("qom-type", "iothread").put("id", "io0")));
      assertThat(connection.execute(new QueryCommand.QueryCpusFast())).hasSize(1);
      assertThat(connection.execute(new QueryCommand.QueryBalloon())).isEqualTo(16L << 20);
      assertThat(connection.execute(new QueryCommand.QueryKvm()).enabled()).isFalse();
      assertThat(connection.execute(new QueryCommand.QueryBlock())).isEmpty();
      assertThat(connection.execute(new QueryCommand.QueryBlockJobs())).isEmpty();
      assertThat(connection.execute(new QueryCommand.QueryJobs())).isEmpty();
      assertThat(connection.execute(new QueryCommand.QueryNamedBlockNodes(true)))
          .extracting(NamedBlockNode::nodeName)
          .contains(Optional.of("d0"));
      assertThat(connection.execute(new QueryCommand.QueryBlockStats(true)))
          .extracting(BlockStats::nodeName)
          .contains(Optional.of("d0"));
      assertThat(connection.execute(new QueryCommand.QueryBlockGraph()).nodes())
          .extracting(BlockGraph.Vertex::name)
          .contains("d0");
      assertThat(connection.execute(new QueryCommand.QueryMachines()))
          .extracting(MachineType::alias)
          .contains(Optional.of("q35"));
      assertThat(connection.execute(new QueryCommand.QueryCpuDefinitions()))
          .extracting(CpuModel::name)
          .contains("qemu64");
      assertThat(connection.execute(new MonitorCommand.HumanMonitor("info version")))
          .startsWith(
              "%d.%d".formatted(connection.version().major(), connection.version().minor()));
    }
  }

  @Test
  void anErrorOfARealQemuArrives() throws IOException {
    QemuProcess process = spawn();
    try (QmpConnection connection = connect(process)) {
      QmpCommandException refused =
          catchThrowableOfType(
              QmpCommandException.class,
              () -> connection.execute(new BlockCommand.BlockdevDel("nothing")));
      assertThat(refused.errorClass()).isEqualTo("GenericError");
      assertThat(refused.description()).contains("nothing");
    }
  }

  // R11
  @Test
  void imagesArePassedAsDescriptorsManyAtATime() throws Exception {
    QemuProcess process = spawn();
    List<RandomAccessFile> files = new ArrayList<>();
    try (QmpConnection connection = connect(process)) {
      List<CompletableFuture<DescriptorSet>> sets = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        RandomAccessFile file = image("image-" + i, (i + 1) << 20);
        files.add(file);
        sets.add(
            connection.executeAsync(
                new MonitorCommand.AddFd(
                    file.getFD(), OptionalLong.of(100 + i), Optional.of("image " + i))));
      }
      for (int i = 0; i < sets.size(); i++) {
        DescriptorSet set = sets.get(i).get(60, java.util.concurrent.TimeUnit.SECONDS);
        assertThat(set.setId()).isEqualTo(100 + i);
        ObjectNode node = object().put("driver", "raw").put("node-name", "n" + i);
        node.set("file", object().put("driver", "file").put("filename", set.path()));
        connection.execute(new BlockCommand.BlockdevAdd(node));
      }
      connection.execute(new QueryCommand.QueryJobs());
      List<NamedBlockNode> nodes = connection.execute(new QueryCommand.QueryNamedBlockNodes(true));
      for (int i = 0; i < sets.size(); i++) {
        Optional<String> name = Optional.of("n" + i);
        assertThat(nodes)
            .filteredOn(node -> node.nodeName().equals(name))
            .singleElement()
            .extracting(node -> node.image().virtualSizeBytes())
            .isEqualTo((long) (i + 1) << 20);
      }
      connection.execute(new BlockCommand.BlockdevDel("n0"));
      connection.execute(new MonitorCommand.RemoveFd(100, OptionalLong.empty()));
      connection.execute(new MonitorCommand.GetFd(files.getFirst().getFD(), "named"));
      connection.execute(new MonitorCommand.CloseFd("named"));
    } finally {
      for (RandomAccessFile file : files) {
        file.close();
      }
    }
  }

  @Test
  void aStreamJobIsDrivenToItsEndAndTheCrashingQueryIsHeldBack() throws IOException {
    QemuProcess process = spawn();
    try (QmpConnection connection = connect(process);
        EventSubscription changes =
            connection.subscribe(event -> event.name().equals("JOB_STATUS_CHANGE"), 64)) {
      image("base", 1 << 20).close();
      ObjectNode base = object().put("driver", "raw").put("node-name", "base");
      base.put("read-only", true);
      base.set("file", file("base"));
      connection.execute(new BlockCommand.BlockdevAdd(base));
      addQcow2(connection, "top", "base");
      connection.execute(
          new BlockJobCommand.BlockStream(
              JobOptions.manual("job"),
              "top",
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.of(OnError.STOP)));
      awaitStatus(changes, JobStatus.PENDING);
      connection.execute(new QueryCommand.QueryJobs());
      assertThat(connection.execute(new QueryCommand.QueryNamedBlockNodes(false))).isNotEmpty();
      connection.execute(new BlockJobCommand.JobFinalize("job"));
      awaitStatus(changes, JobStatus.CONCLUDED);
      assertThat(connection.execute(new QueryCommand.QueryJobs()))
          .singleElement()
          .satisfies(
              job -> {
                assertThat(job.type()).isEqualTo(JobType.STREAM);
                assertThat(job.error()).isEmpty();
              });
      assertThatThrownBy(() -> connection.execute(new QueryCommand.QueryNamedBlockNodes(true)))
          .isInstanceOf(QmpRefusedException.class);
      connection.execute(new BlockJobCommand.JobDismiss("job"));
      assertThat(connection.execute(new QueryCommand.QueryNamedBlockNodes(true))).isNotEmpty();
      assertThat(process.isAlive()).isTrue();
    }
  }

  @Test
  void aSecondClientTimesOutWhileTheFirstHoldsTheMonitor() throws IOException {
    QemuProcess process = spawn();
    try (QmpConnection first = connect(process)) {
      assertThatThrownBy(() -> QmpConnection.connect(loop, socket(), Duration.ofMillis(300)))
          .isInstanceOf(QmpTimeoutException.class)
          .hasMessageContaining("another client");
      assertThat(first.execute(new QueryCommand.QueryStatus()).running()).isFalse();
    }
    try (QmpConnection second = connect(process)) {
      assertThat(second.state()).isEqualTo(QmpConnection.State.RUNNING);
    }
  }

  @Test
  void aDiskThatCannotBeOpenedIsExplainedByTheOutput() throws Exception {
    QemuProcess process =
        spawn("-blockdev", "driver=file,node-name=x,filename=/nonexistent/disk.qcow2");
    assertThatThrownBy(() -> connect(process))
        .isInstanceOfAny(IOException.class, QmpConnectionLostException.class);
    ProcessExit exit = process.awaitExit(PATIENCE).orElseThrow();
    assertThat(exit.exitCode()).isEqualTo(OptionalInt.of(1));
    assertThat(exit.outputTail()).contains("/nonexistent/disk.qcow2").contains("No such file");
  }

  @Test
  void aKilledQemuEndsTheConnectionAndCommandsInFlightAreUnknown() throws Exception {
    QemuProcess process = spawn();
    try (QmpConnection connection = connect(process);
        EventSubscription events = connection.subscribe(event -> true, 16)) {
      ProcessExit exit = process.kill().orElseThrow();
      assertThat(exit.describe()).isEqualTo("signal 9 ended it");
      assertThat(connection.ended()).succeedsWithin(PATIENCE);
      assertThat(events.next(PATIENCE).orElseThrow()).isInstanceOf(EventSignal.Disconnected.class);
      assertThatThrownBy(() -> connection.execute(new QueryCommand.QueryStatus()))
          .isInstanceOf(QmpConnectionLostException.class);
    }
  }

  @Test
  void quitAndSigtermEndQemuWithCodeZeroAndAShutdownEvent() throws Exception {
    QemuProcess process = spawn();
    try (QmpConnection connection = connect(process);
        EventSubscription events =
            connection.subscribe(event -> event.name().equals("SHUTDOWN"), 4)) {
      connection.execute(new RunCommand.Quit());
      assertThat(QemuEvent.of(nextEvent(events).event()))
          .isEqualTo(new QemuEvent.Shutdown(false, "host-qmp-quit"));
      assertThat(process.awaitExit(PATIENCE).orElseThrow().exitCode()).isEqualTo(OptionalInt.of(0));
    }
    QemuProcess next = spawn();
    connect(next).close();
    assertThat(next.terminate(PATIENCE).orElseThrow().exitCode()).isEqualTo(OptionalInt.of(0));
  }

  private static void awaitStatus(EventSubscription changes, JobStatus wanted) {
    boolean reached = false;
    while (!reached) {
      reached =
          QemuEvent.of(nextEvent(changes).event())
                  instanceof QemuEvent.JobStatusChanged(String id, JobStatus status)
              && id.equals("job")
              && status == wanted;
    }
  }

  private RandomAccessFile image(String name, int size) throws IOException {
    RandomAccessFile file = new RandomAccessFile(directory.resolve(name).toFile(), "rw");
    file.setLength(size);
    return file;
  }

  private ObjectNode file(String name) {
    return object().put("driver", "file").put("filename", directory.resolve(name).toString());
  }

  private void addImage(QmpConnection connection, String node) throws IOException {
    image(node + ".raw", 1 << 20).close();
    ObjectNode raw = object().put("driver", "raw").put("node-name", node);
    raw.set("file", file(node + ".raw"));
    connection.execute(new BlockCommand.BlockdevAdd(raw));
  }

  private void addQcow2(QmpConnection connection, String node, String backing) throws IOException {
    Path image = directory.resolve(node + ".qcow2");
    try {
      Process made =
          new ProcessBuilder("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "1M")
              .inheritIO()
              .start();
      assertThat(made.waitFor()).isZero();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    ObjectNode qcow2 = object().put("driver", "qcow2").put("node-name", node);
    qcow2.set("file", file(node + ".qcow2"));
    qcow2.put("backing", backing);
    connection.execute(new BlockCommand.BlockdevAdd(qcow2));
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
