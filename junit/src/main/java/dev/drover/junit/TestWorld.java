package dev.drover.junit;

import dev.drover.client.DomainHandle;
import dev.drover.client.Drover;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.test.TestDriverProvider;
import dev.drover.test.fault.FaultStep;
import dev.drover.testing.v1.AdvanceClockRequest;
import dev.drover.testing.v1.BackingHeader;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.ClearFaultsRequest;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.testing.v1.ImageReading;
import dev.drover.testing.v1.InjectFaultRequest;
import dev.drover.testing.v1.ReadImageRequest;
import dev.drover.testing.v1.ReadImageResponse;
import dev.drover.testing.v1.SetClockRequest;
import dev.drover.testing.v1.TestControlServiceGrpc;
import dev.drover.testing.v1.WriteGuestRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A daemon with an in-memory hypervisor, and the control of what happens there: images and what is
 * in them, domains, what their guests write, virtual time, faults (R17). It begins with what {@code
 * test:///default} always has, one running domain named {@code test}. Safe for any number of
 * threads.
 *
 * <p>{@link DroverTest} makes one for each test; other programs {@link #open} and {@link #close}
 * their own. Whatever the control refuses is a {@link dev.drover.client.DroverException}.
 */
public final class TestWorld implements AutoCloseable {

  private static final String URI = "test+unix:///default?socket=";
  private static final long MEMORY_BYTES = 64L << 20;

  /** More disks than a test has use for; targets are vda to vdz. */
  private static final int MOST_DISKS = 26;

  private final Path directory;
  private final EmbeddedDaemon.Plan plan;
  private final DaemonLog log = new DaemonLog();
  private final List<Drover> connections = new ArrayList<>();
  private final Drover drover;
  private Optional<EmbeddedDaemon> daemon = Optional.empty();

  private TestWorld(Path directory, EmbeddedDaemon.Plan plan) {
    this.directory = directory;
    this.plan = plan;
    this.drover = Drover.connect(uri());
    connections.add(drover);
  }

  /** Begins a world whose time follows real time and whose host has room for everything. */
  public static TestWorld open() {
    return open(false, Long.MAX_VALUE);
  }

  /**
   * Begins a world.
   *
   * @param manualClock whether virtual time stands until {@link #advance}
   * @param capacityBytes room for image data on its host; what a world begins with takes 28 MiB
   * @throws dev.drover.client.DroverException NO_SPACE where that is not enough to begin with
   */
  public static TestWorld open(boolean manualClock, long capacityBytes) {
    Path directory;
    try {
      directory = Files.createTempDirectory("drover-test-");
    } catch (IOException e) {
      throw new UncheckedIOException("no directory for a daemon can be made", e);
    }
    TestWorld world =
        new TestWorld(
            directory,
            EmbeddedDaemon.in(directory, new TestDriverProvider())
                .setting("test", "clock", manualClock ? "manual" : "real")
                .setting("test", "capacity_bytes", Long.toString(capacityBytes)));
    try {
      world.start();
      // A daemon serves without a driver that could not be opened; here that is no world.
      var _ = world.drover.domains().list();
      return world;
    } catch (RuntimeException | Error e) {
      world.close();
      throw e;
    }
  }

  /** The connection that {@link DroverTest} hands to tests. It ends with the world. */
  public Drover drover() {
    return drover;
  }

  /** One more connection, which ends with the world where it was not closed before. */
  public synchronized Drover connect() {
    Drover connected = Drover.connect(uri());
    connections.add(connected);
    return connected;
  }

  /** The URI under which any client on this host reaches the daemon, other processes too. */
  public String uri() {
    return URI + socket();
  }

  /** The daemon's unix socket, for gRPC clients of any kind. */
  public Path socket() {
    return directory.resolve("s");
  }

  /** An image to be made. */
  public TestImage image(String path) {
    return new TestImage(this, path);
  }

  /** Defines a domain with 64 MiB of memory and these images as its disks vda, vdb and so on. */
  public DomainHandle define(String name, Image... disks) {
    if (disks.length > MOST_DISKS) {
      throw new IllegalArgumentException("more than " + MOST_DISKS + " disks");
    }
    DomainSpec.Builder spec = DomainSpec.newBuilder().setName(name).setMemoryBytes(MEMORY_BYTES);
    for (int i = 0; i < disks.length; i++) {
      spec.addDisks(Disk.newBuilder().setTarget("vd" + (char) ('a' + i)).setSource(disks[i]));
    }
    var _ = drover.domains().define(spec.build());
    return drover.domain(name);
  }

  /** Defines a domain as {@link #define} and starts it. */
  public DomainHandle start(String name, Image... disks) {
    DomainHandle domain = define(name, disks);
    var _ = domain.start();
    return domain;
  }

  /**
   * Defines many domains without disks, for what has to cope with a large host.
   *
   * @param prefix of their names; a number from 1 on follows
   */
  public List<DomainHandle> defineMany(String prefix, int count) {
    return IntStream.rangeClosed(1, count).mapToObj(nth -> define(prefix + nth)).toList();
  }

  /**
   * Writes as a domain's guest does: one byte over a range, whose ends are multiples of 65536.
   *
   * @param pattern the byte, 0 to 255
   */
  public void write(String domain, String disk, long offset, long length, int pattern) {
    var _ =
        drover.call(
            TestControlServiceGrpc.getWriteGuestMethod(),
            WriteGuestRequest.newBuilder()
                .setDomain(DomainRef.newBuilder().setName(domain))
                .setDisk(disk)
                .addWrites(
                    GuestWrite.newBuilder()
                        .setOffsetBytes(offset)
                        .setLengthBytes(length)
                        .setPattern(pattern))
                .build());
  }

  /** Whether an image file is there. */
  public boolean exists(String path) {
    return read(path, ImageReading.IMAGE_READING_HEADER).getExists();
  }

  /**
   * What an image shows through its backing chain: the ranges that are not zeros, in the order of
   * the disk, neighbours with the same byte as one.
   */
  public List<GuestWrite> contents(String path) {
    return existing(path, ImageReading.IMAGE_READING_CONTENTS).getContentsList();
  }

  /**
   * SHA-256 of all that an image shows through its backing chain, in hexadecimal. Every byte of the
   * disk is digested: a large one takes its time.
   */
  public String checksum(String path) {
    return existing(path, ImageReading.IMAGE_READING_CHECKSUM).getSha256();
  }

  /** Removes an image file as somebody does past the daemon. */
  public void remove(String path) {
    change(ChangeImageRequest.newBuilder().setPath(path).setRemove(true).build());
  }

  /** Puts a copy in an image's place past the daemon: the same bytes, another file. */
  public void replace(String path) {
    change(ChangeImageRequest.newBuilder().setPath(path).setReplace(true).build());
  }

  /** Has an image's header name another backing image, past the daemon. */
  public void rewriteHeader(String path, Image backing) {
    change(
        ChangeImageRequest.newBuilder()
            .setPath(path)
            .setHeader(
                BackingHeader.newBuilder()
                    .setReference(backing.getPath())
                    .setFormat(formatName(backing.getFormat())))
            .build());
  }

  /** Stops virtual time: from now on {@link #advance} alone moves it. */
  public void stopClock() {
    setClock(true);
  }

  /** Lets virtual time follow real time. */
  public void runClock() {
    setClock(false);
  }

  /** Moves virtual time; everything due has happened on return. */
  public void advance(Duration duration) {
    var _ =
        drover.call(
            TestControlServiceGrpc.getAdvanceClockMethod(),
            AdvanceClockRequest.newBuilder().setDuration(TestFault.proto(duration)).build());
  }

  /** A fault for the next time that a step is reached. */
  public TestFault at(FaultStep step) {
    return new TestFault(this, step.id());
  }

  /**
   * A fault at one of several things, as {@link FaultStep#SNAPSHOT_DISK} at one disk.
   *
   * @param nth which, counted from 1
   */
  public TestFault at(FaultStep step, int nth) {
    return new TestFault(this, step.id(nth));
  }

  /** Disarms every fault and ends every hang. */
  public void clearFaults() {
    var _ =
        drover.call(
            TestControlServiceGrpc.getClearFaultsMethod(), ClearFaultsRequest.getDefaultInstance());
  }

  /**
   * Ends the daemon and starts it again under the same address, as for an upgrade. Connections find
   * it again. The hypervisor is in the daemon's memory, so that its world begins anew.
   */
  public synchronized void restartDaemon() {
    daemon.ifPresent(EmbeddedDaemon::close);
    daemon = Optional.empty();
    start();
  }

  /** The newest lines of the daemon's log, with every call that changed something. */
  public String log() {
    return log.text();
  }

  /** Ends connections and daemon, and leaves nothing behind. */
  @Override
  public synchronized void close() {
    connections.forEach(Drover::close);
    daemon.ifPresent(EmbeddedDaemon::close);
    daemon = Optional.empty();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the daemon's directory cannot be removed", e);
    }
  }

  void create(CreateImageRequest request) {
    var _ = drover.call(TestControlServiceGrpc.getCreateImageMethod(), request);
  }

  void inject(InjectFaultRequest request) {
    var _ = drover.call(TestControlServiceGrpc.getInjectFaultMethod(), request);
  }

  /** A format as the control service names it. */
  static String formatName(ImageFormat format) {
    return switch (format) {
      case IMAGE_FORMAT_RAW -> "raw";
      case IMAGE_FORMAT_QCOW2 -> "qcow2";
      case IMAGE_FORMAT_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("an image without a format");
    };
  }

  private synchronized void start() {
    daemon = Optional.of(log.around(() -> plan.onSocket(socket())));
  }

  private ReadImageResponse existing(String path, ImageReading reading) {
    ReadImageResponse read = read(path, reading);
    if (!read.getExists()) {
      throw new IllegalArgumentException("there is no image " + path);
    }
    return read;
  }

  private ReadImageResponse read(String path, ImageReading reading) {
    return drover.call(
        TestControlServiceGrpc.getReadImageMethod(),
        ReadImageRequest.newBuilder().setPath(path).setReading(reading).build());
  }

  private void change(ChangeImageRequest request) {
    var _ = drover.call(TestControlServiceGrpc.getChangeImageMethod(), request);
  }

  private void setClock(boolean manual) {
    var _ =
        drover.call(
            TestControlServiceGrpc.getSetClockMethod(),
            SetClockRequest.newBuilder().setManual(manual).build());
  }
}
