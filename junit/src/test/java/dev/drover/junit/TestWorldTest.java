package dev.drover.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.util.Durations;
import dev.drover.client.DomainHandle;
import dev.drover.client.Drover;
import dev.drover.client.DroverException;
import dev.drover.client.JobHandle;
import dev.drover.test.fault.FaultStep;
import dev.drover.testing.v1.FaultKind;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GuestAgent;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.JobState;
import dev.drover.v1.Quiesce;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** The control of a world (R17): each of its words does what it says. */
@DroverTest
class TestWorldTest {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final long BLOCK = 65536;
  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z.]+?)(\\.<n>)?` \\|.*\\| ([a-z, ]+) \\|");

  @Test
  void imagesHaveContentsAndBackingImages(TestWorld world) {
    Image base = world.image("/i/base.raw").raw().size(4 * BLOCK).filled(0, BLOCK, 1).create();
    Image top = world.image("/i/top.qcow2").over(base).create();
    String before = world.checksum(top.getPath());
    world.start("vm", top);

    world.write("vm", "vda", BLOCK, BLOCK, 9);

    assertThat(world.checksum(top.getPath())).isNotEqualTo(before);
    assertThat(world.checksum(base.getPath())).isEqualTo(before);
    assertThat(world.contents(top.getPath())).containsExactly(range(0, 1), range(BLOCK, 9));
    assertThat(world.exists("/i/none")).isFalse();
    assertThatThrownBy(() -> world.checksum("/i/none"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> world.contents("/i/none"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static GuestWrite range(long offset, int pattern) {
    return GuestWrite.newBuilder()
        .setOffsetBytes(offset)
        .setLengthBytes(BLOCK)
        .setPattern(pattern)
        .build();
  }

  @Test
  void aFaultStrikesAtLeastOnce(TestWorld world) {
    assertThatThrownBy(() -> world.at(FaultStep.DOMAIN_START).times(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least once");
  }

  @Test
  void somebodyWorksOnImagesPastTheDaemon(TestWorld world) {
    Image base = world.image("/i/base").create();
    Image other = world.image("/i/other").filled(0, BLOCK, 5).create();
    Image top = world.image("/i/top").over(base).create();
    DomainHandle vm = world.define("vm", top);

    world.rewriteHeader(top.getPath(), other);
    assertThat(world.checksum(top.getPath())).isEqualTo(world.checksum(other.getPath()));
    world.replace(other.getPath());
    assertThat(world.exists(other.getPath())).isTrue();
    world.remove(other.getPath());
    assertThatThrownBy(vm::start)
        .asInstanceOf(InstanceOfAssertFactories.type(DroverException.class))
        .extracting(DroverException::reason)
        .isEqualTo(ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID);
  }

  @Test
  void aHostMayBeLarge(Drover drover, TestWorld world) {
    List<DomainHandle> many = world.defineMany("vm-", 50);

    assertThat(many).hasSize(50);
    assertThat(drover.domains().list()).hasSize(51);
  }

  @Test
  void aFaultStrikesAsOftenAsItIsTold(TestWorld world) {
    DomainHandle vm = world.define("vm");
    world.at(FaultStep.DOMAIN_START).times(2).fail();

    for (int i = 0; i < 2; i++) {
      assertThat(reason(vm::start)).isEqualTo(ErrorReason.ERROR_REASON_INJECTED_FAULT);
    }
    assertThat(vm.start().getStatus().getId()).isPositive();
  }

  @Test
  void anAgentMayBeSilent(Drover drover, TestWorld world) {
    DomainHandle vm = world.define("vm", world.image("/i/a").create());
    var _ =
        drover
            .domains()
            .define(
                vm.get().getSpec().toBuilder()
                    .setGuestAgent(GuestAgent.getDefaultInstance())
                    .build());
    var _ = vm.start();
    world.at(FaultStep.AGENT_FREEZE).hang();

    assertThat(
            reason(
                () ->
                    vm.snapshot(
                        CreateSnapshotRequest.newBuilder()
                            .setQuiesce(
                                Quiesce.newBuilder().setTimeout(Durations.fromSeconds(1))))))
        .isEqualTo(ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED);
    assertThat(vm.snapshots()).isEmpty();
  }

  @Test
  void aHangEndsWhenFaultsAreCleared(TestWorld world) {
    DomainHandle vm = world.start("vm", world.image("/i/a").filled(0, BLOCK, 1).create());
    world.at(FaultStep.JOB_READY).hang();
    Image copy =
        Image.newBuilder().setPath("/i/b").setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();
    try (JobHandle job = vm.disk("vda").copy(copy).start()) {
      world.clearFaults();
      assertThat(job.awaitReady(SOON).getState()).isEqualTo(JobState.JOB_STATE_READY);
    }
  }

  @Test
  void aConnectionFindsARestartedDaemon(Drover drover, TestWorld world) {
    world.define("before");
    world.restartDaemon();

    assertThat(drover.domains().list()).hasSize(1);
    world.define("after");
    assertThat(world.log()).contains("after");
  }

  @Test
  void theHostHasAsMuchRoomAsItIsGiven() {
    try (TestWorld small = TestWorld.open(false, 40L << 20)) {
      DomainHandle vm = small.define("vm", small.image("/i/a").create());
      assertThat(vm.start().getStatus().getId()).isPositive();
      assertThat(reason(() -> small.write("vm", "vda", 0, 32L << 20, 1)))
          .isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE);
    }
  }

  @Test
  void aHostWithoutRoomForTheWorldsBeginningIsToldAtOnce() {
    assertThat(reason(() -> TestWorld.open(false, 1L << 20).close()))
        .isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE);
  }

  @Test
  void theGuideHasEveryStepWithTheFaultsThatCanStrikeThere() throws IOException {
    Map<String, String> printed = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("../docs/testing.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        printed.put(row.group(1), row.group(3));
      }
    }
    Map<String, String> real = new TreeMap<>();
    for (FaultStep step : FaultStep.values()) {
      real.put(
          step.id(),
          Arrays.stream(FaultKind.values())
              .filter(step::allows)
              .map(TestWorldTest::word)
              .collect(Collectors.joining(", ")));
    }

    assertThat(printed).isEqualTo(real);
  }

  private static String word(FaultKind kind) {
    return kind.name().substring("FAULT_KIND_".length()).toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static ErrorReason reason(Runnable call) {
    try {
      call.run();
    } catch (DroverException e) {
      return e.reason();
    } catch (UncheckedIOException e) {
      throw new AssertionError("not an answer of the daemon", e);
    }
    throw new AssertionError("the call succeeded");
  }

  @Test
  void timesOfAnyLengthAreForTheDaemonToRefuse() {
    try (TestWorld world = TestWorld.open()) {
      world.at(FaultStep.JOB_RUNNING).take(Duration.ofDays(1_000 * 365));
      JobHandle job = world.drover().domain("test").disk("vda").pull().start();
      assertThat(job.refresh().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
      world.advance(Duration.ofDays(1_000 * 365).plusNanos(1));
      assertThat(job.await(SOON).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);

      for (Duration impossible :
          List.of(
              Duration.ofNanos(-1),
              Duration.ofSeconds(-2, 1),
              Duration.ofDays(10_001L * 366),
              Duration.ofSeconds(Long.MAX_VALUE))) {
        assertThat(reason(() -> world.advance(impossible)))
            .as(impossible.toString())
            .isEqualTo(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);
      }
    }
  }
}
