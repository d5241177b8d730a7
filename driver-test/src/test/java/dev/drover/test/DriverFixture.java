package dev.drover.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Duration;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.DaemonMode;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverSettings;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.store.MemoryStore;
import dev.drover.testing.v1.AdvanceClockRequest;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.FaultKind;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.testing.v1.InjectFaultRequest;
import dev.drover.testing.v1.ReadImageRequest;
import dev.drover.testing.v1.WriteGuestRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.StartDomainRequest;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * A test driver in manual time with what its tests do all the time. Images of chains hold one
 * cluster of their own each, and one that all of them have written.
 */
final class DriverFixture implements AutoCloseable {

  static final String NAME = "guest";
  static final long CLUSTER = 65536;
  static final long SIZE = 64 * CLUSTER;
  static final DomainRef GUEST = DomainRef.newBuilder().setName(NAME).build();

  /** Real time stands, so that nothing depends on it; deadlines of calls are set against it. */
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  final List<DriverEvent> events = new CopyOnWriteArrayList<>();
  final Driver driver;

  DriverFixture() {
    this(Map.of("clock", "manual"), InstantSource.fixed(NOW));
  }

  DriverFixture(Map<String, String> settings, InstantSource time) {
    driver =
        new TestDriverProvider()
            .open(
                new DriverContext(
                    DaemonMode.SESSION,
                    new MemoryStore(),
                    time,
                    events::add,
                    Activities.UNOBSERVED,
                    blocking,
                    timers,
                    Path.of("/unused/state"),
                    Path.of("/unused/run"),
                    new DriverSettings(settings)));
  }

  @Override
  public void close() {
    driver.close();
    timers.shutdownNow();
    blocking.shutdownNow();
  }

  /**
   * A call that waits for what the test itself is going to do, if need be. Its deadline is far
   * enough away for real clocks too.
   */
  static CallContext call() {
    return new CallContext(
        new Caller("uid:1000", "test"), "call", Instant.parse("2100-01-01T00:00:00Z"), () -> false);
  }

  /** A call whose deadline has come. */
  static CallContext lateCall() {
    return new CallContext(new Caller("uid:1000", "test"), "call", NOW, () -> false);
  }

  ExecutorService blocking() {
    return blocking;
  }

  static GuestWrite write(long cluster, long clusters, int pattern) {
    return GuestWrite.newBuilder()
        .setOffsetBytes(cluster * CLUSTER)
        .setLengthBytes(clusters * CLUSTER)
        .setPattern(pattern)
        .build();
  }

  void image(String path, String format, String backing, GuestWrite... contents) {
    CreateImageRequest.Builder request =
        CreateImageRequest.newBuilder()
            .setPath(path)
            .setFormat(format)
            .setVirtualSizeBytes(SIZE)
            .addAllContents(List.of(contents));
    if (!backing.isEmpty()) {
      request.setBackingReference(backing).setBackingFormat("qcow2");
    }
    driver.testControl().orElseThrow().createImage(call(), request.build());
  }

  /** Makes base <- snap1 <- snap2 <- active in a directory; the names are those of the files. */
  void chain(String directory) {
    image(directory + "/base", "qcow2", "", write(0, 1, 1), write(10, 4, 1));
    image(directory + "/snap1", "qcow2", directory + "/base", write(1, 1, 2), write(10, 3, 2));
    image(directory + "/snap2", "qcow2", directory + "/snap1", write(2, 1, 3), write(10, 2, 3));
    image(directory + "/active", "qcow2", directory + "/snap2", write(3, 1, 4), write(10, 1, 4));
  }

  Domain define(String name, Disk... disks) {
    return driver
        .domains()
        .define(call(), DefineDomainRequest.newBuilder().setSpec(spec(name, disks)).build());
  }

  static DomainSpec spec(String name, Disk... disks) {
    return DomainSpec.newBuilder()
        .setName(name)
        .setMemoryBytes(1 << 20)
        .addAllDisks(List.of(disks))
        .build();
  }

  static Disk disk(String target, String path) {
    return disk(target, path, ImageFormat.IMAGE_FORMAT_QCOW2);
  }

  static Disk disk(String target, String path, ImageFormat format) {
    return Disk.newBuilder()
        .setTarget(target)
        .setSource(Image.newBuilder().setPath(path).setFormat(format))
        .build();
  }

  Domain start(String name) {
    return driver
        .domains()
        .start(
            call(),
            StartDomainRequest.newBuilder()
                .setDomain(DomainRef.newBuilder().setName(name))
                .build());
  }

  /** Defines and starts {@link #NAME} on the chain of {@link #chain}. */
  void running() {
    chain("/i");
    define(NAME, disk("vda", "/i/active"));
    start(NAME);
  }

  Domain domain() {
    return driver.domains().get(GUEST);
  }

  void advance(java.time.Duration duration) {
    driver
        .testControl()
        .orElseThrow()
        .advanceClock(
            call(),
            AdvanceClockRequest.newBuilder()
                .setDuration(
                    Duration.newBuilder()
                        .setSeconds(duration.getSeconds())
                        .setNanos(duration.getNano()))
                .build());
  }

  void advanceSeconds(long seconds) {
    advance(java.time.Duration.ofSeconds(seconds));
  }

  void guestWrites(GuestWrite... writes) {
    driver
        .testControl()
        .orElseThrow()
        .writeGuest(
            call(),
            WriteGuestRequest.newBuilder()
                .setDomain(GUEST)
                .setDisk("vda")
                .addAllWrites(List.of(writes))
                .build());
  }

  String sha(String path) {
    return driver
        .testControl()
        .orElseThrow()
        .readImage(call(), ReadImageRequest.newBuilder().setPath(path).build())
        .getSha256();
  }

  boolean exists(String path) {
    return driver
        .testControl()
        .orElseThrow()
        .readImage(call(), ReadImageRequest.newBuilder().setPath(path).build())
        .getExists();
  }

  /** Paths from the active image down, as the driver shows the chain. */
  List<String> paths(String disk) {
    return driver
        .blockJobs()
        .orElseThrow()
        .chain(call(), GetBackingChainRequest.newBuilder().setDomain(GUEST).setDisk(disk).build())
        .getImagesList()
        .stream()
        .map(ChainImage::getPath)
        .toList();
  }

  /** What the guest sees on vda. */
  String guestSha() {
    return sha(paths("vda").getFirst());
  }

  Job job(String id) {
    return driver.jobs().orElseThrow().get(id).orElseThrow();
  }

  Job complete(Job job, JobCompletion completion) {
    return driver
        .jobs()
        .orElseThrow()
        .complete(
            call(),
            CompleteJobRequest.newBuilder()
                .setJobId(job.getId())
                .setCompletion(completion)
                .build());
  }

  void inject(String step, FaultKind kind) {
    driver
        .testControl()
        .orElseThrow()
        .injectFault(call(), InjectFaultRequest.newBuilder().setStep(step).setKind(kind).build());
  }

  void injectDelay(String step, long seconds) {
    driver
        .testControl()
        .orElseThrow()
        .injectFault(
            call(),
            InjectFaultRequest.newBuilder()
                .setStep(step)
                .setKind(FaultKind.FAULT_KIND_DELAY)
                .setDelay(Duration.newBuilder().setSeconds(seconds))
                .build());
  }

  void clearFaults() {
    driver.testControl().orElseThrow().clearFaults(call());
  }

  /** Kinds of the events of one type that were sent, in their order. */
  List<String> eventKinds(Class<? extends DriverEvent> type) {
    List<String> result = new ArrayList<>();
    for (DriverEvent event : events) {
      if (type.isInstance(event)) {
        result.add(event.kind().name().replace("EVENT_KIND_", ""));
      }
    }
    return result;
  }

  static void refused(ErrorReason reason, ThrowingCallable action) {
    DriverException failure = catchThrowableOfType(DriverException.class, action);
    assertThat(failure).as("expected %s", reason).isNotNull();
    assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
  }
}
