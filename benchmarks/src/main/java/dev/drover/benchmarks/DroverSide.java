package dev.drover.benchmarks;

import dev.drover.client.DiskHandle;
import dev.drover.client.DomainHandle;
import dev.drover.client.Drover;
import dev.drover.client.JobHandle;
import dev.drover.qemu.QemuDriverProvider;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.test.TestDriverProvider;
import dev.drover.v1.Capability;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.JobCompletion;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A whole daemon on a unix socket and the Java client that calls it: what a user of Drover has. The
 * guest has nothing to run, and its processors are held.
 */
final class DroverSide implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final String DISK = "vda";
  private static final long MEMORY_BYTES = 32L << 20;

  private final StoreMeter meter = new StoreMeter();
  private final EmbeddedDaemon daemon;
  private final Path socket;
  private final Drover client;

  /** Starts the daemon. */
  DroverSide(Path directory) {
    this.socket = directory.resolve("droverd.sock");
    this.daemon =
        EmbeddedDaemon.in(
                directory, meter.around(new QemuDriverProvider()), new TestDriverProvider())
            .setting("qemu", "acceleration", "tcg")
            .onSocket(socket);
    this.client = connect(Side.QEMU, PATIENCE);
  }

  /** A driver of the daemon. */
  enum Side {
    /** Domains of the test driver, in memory. */
    TEST("test", "test+unix:///default"),
    /** Domains on QEMU. */
    QEMU("QEMU", "qemu+unix:///session");

    private final String title;
    private final String uri;

    Side(String title, String uri) {
      this.title = title;
      this.uri = uri;
    }

    String title() {
      return title;
    }
  }

  /** One more client, for the caller to close. */
  Drover connect(Side side, Duration deadline) {
    return Drover.builder().uri(side.uri + "?socket=" + socket).deadline(deadline).build();
  }

  /** What the driver's store was asked to do. */
  StoreMeter meter() {
    return meter;
  }

  /** Whether the driver declares to be able to do something. */
  boolean has(Capability capability) {
    return client.host().capabilities().getDriversList().stream()
        .anyMatch(driver -> driver.getCapabilitiesList().contains(capability));
  }

  /** Defines a domain with this disk. */
  DomainHandle define(Path image) {
    String name = "bench";
    var _ =
        client
            .domains()
            .define(
                DomainSpec.newBuilder()
                    .setName(name)
                    .setMemoryBytes(MEMORY_BYTES)
                    .addDisks(Disk.newBuilder().setTarget(DISK).setSource(qcow2(image)))
                    .build());
    return client.domain(name);
  }

  /** The disk of a domain. */
  static DiskHandle disk(DomainHandle domain) {
    return domain.disk(DISK);
  }

  /** Starts a domain with its processors held, and answers the process. */
  static long start(DomainHandle domain) {
    return domain.start(true).getStatus().getProcessId();
  }

  /** Ends a domain and forgets it. */
  static void remove(DomainHandle domain, boolean running) {
    if (running) {
      var _ = domain.destroy();
    }
    domain.undefine(true);
  }

  /**
   * Runs a job from the call that starts it until the client knows that it has succeeded.
   *
   * @return how long that took, in milliseconds
   */
  double run(JobShape shape, DomainHandle domain, DiskImages images) {
    DiskHandle disk = disk(domain);
    meter.reset();
    Stopwatch watch = new Stopwatch();
    try (JobHandle job =
        switch (shape) {
          case COMMIT ->
              disk.commit().top(images.data().toString()).base(images.base().toString()).start();
          case ACTIVE_COMMIT ->
              disk.commit().active().thenComplete(JobCompletion.JOB_COMPLETION_PIVOT).start();
          case PULL -> disk.pull().start();
          case COPY ->
              disk.copy(qcow2(images.copy()))
                  .thenComplete(JobCompletion.JOB_COMPLETION_PIVOT)
                  .start();
        }) {
      var _ = job.await(PATIENCE);
      return watch.milliseconds();
    }
  }

  private static Image qcow2(Path image) {
    return Image.newBuilder()
        .setPath(image.toString())
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }

  @Override
  public void close() {
    client.close();
    daemon.close();
  }
}
