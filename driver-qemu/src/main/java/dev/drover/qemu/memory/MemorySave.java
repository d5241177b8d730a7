package dev.drover.qemu.memory;

import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.domain.GuestHold;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.qmp.EventSignal;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.MigrationCommand;
import dev.drover.qemu.qmp.MigrationInfo;
import dev.drover.qemu.qmp.QmpEvent;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.qemu.qmp.RunState;
import dev.drover.spi.CallContext;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the memory of a guest into a file. QEMU writes it as a migration into a socket that the
 * daemon listens on, so one whose daemon dies fails by itself and has lost nothing. The guest is
 * held meanwhile, or runs on until little of what it changes is left, and is stopped by QEMU then.
 * From the end it must stay held: what is in the file and on the disks is one moment only then.
 */
public final class MemorySave {

  private static final Logger logger = LoggerFactory.getLogger(MemorySave.class);

  /** Who holds the guest's processors meanwhile. */
  public static final String HOLDER = "snapshot with memory";

  /** QEMU closes the socket right after the last byte. */
  private static final Duration END_OF_STREAM = Duration.ofSeconds(30);

  /** The guest waits, so nothing is to be saved by going slowly; QEMU takes no larger number. */
  private static final long UNBOUNDED = 1L << 50;

  /**
   * Beyond it a guest that runs would notice; much less, and a busy one would not come to an end.
   */
  private static final Duration LIVE_PAUSE = Duration.ofMillis(100);

  private final Executor blocking;
  private final InstantSource clock;

  /**
   * What was taken.
   *
   * @param bytes size of the file
   * @param stopped when the guest was stopped for it, where it ran
   */
  public record Saved(long bytes, Optional<Instant> stopped) {}

  /**
   * Makes it.
   *
   * @param blocking where bytes are copied
   */
  public MemorySave(Executor blocking, InstantSource clock) {
    this.blocking = blocking;
    this.clock = clock;
  }

  /**
   * Refuses a guest whose memory cannot be taken.
   *
   * @throws DriverException DOMAIN_STATE_INVALID where it has been taken and the guest has not run
   *     since, which QEMU takes for a machine that has moved away
   */
  public static void requireTakeable(LiveDomain live) {
    if (live.execute(new QueryCommand.QueryStatus()).state() == RunState.POSTMIGRATE) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_STATE_INVALID,
          ("domain '%s' is paused since its memory was taken, and its hypervisor does not take it"
                  + " twice; resume the domain first, or take the disks only")
              .formatted(live.name()),
          "domain",
          live.name(),
          "state",
          "paused since its memory was taken",
          "allowed",
          "running, paused");
    }
  }

  /**
   * The spec by which another QEMU can take up the memory of this one: an alias of a machine type
   * may mean another machine tomorrow, and acceleration is chosen at every start.
   */
  public static DomainSpec resolved(LiveDomain live, DomainSpec spec) {
    return spec.toBuilder()
        .setMachine(live.execute(new QueryCommand.QueryMachine()))
        .setAcceleration(live.record().domain().getStatus().getAcceleration())
        .build();
  }

  /** Holds the guest for it; see {@link #settle} for what ends the hold. */
  public static GuestHold hold(LiveDomain live) {
    return live.processors().hold(HOLDER);
  }

  /**
   * Writes the memory of a guest into a file that it makes, and returns when it is on its disk. The
   * guest is held from then on, also where this fails.
   *
   * @param holdAfter how long the guest may run on meanwhile; empty: it is held from the beginning
   * @throws DriverException DESTINATION_EXISTS, NO_SPACE, IMAGE_ACCESS_DENIED, HYPERVISOR_REFUSED,
   *     DEADLINE_EXCEEDED, CALL_CANCELLED, and what the monitor raises; the file may be there, and
   *     {@link #settle} must be called
   */
  public Saved save(CallContext call, LiveDomain live, Path file, Optional<Duration> holdAfter) {
    if (holdAfter.isEmpty()) {
      Instant before = clock.instant();
      boolean stopped = hold(live).stopped();
      long bytes = save(live, file, () -> call.check(clock.instant()));
      return new Saved(bytes, stopped ? Optional.of(before) : Optional.empty());
    }
    live.processors().expect(HOLDER);
    live.execute(new MigrationCommand.SetDowntime(LIVE_PAUSE));
    long limit = System.nanoTime() + holdAfter.get().toNanos();
    AtomicBoolean held = new AtomicBoolean();
    try (EventSubscription stops = live.monitor().subscribe(MemorySave::tellsStop, 16)) {
      long bytes =
          save(
              live,
              file,
              () -> {
                call.check(clock.instant());
                if (System.nanoTime() > limit && held.compareAndSet(false, true)) {
                  var _ = hold(live);
                }
              });
      return new Saved(bytes, stopped(stops));
    }
  }

  private static boolean tellsStop(QmpEvent event) {
    return event.name().equals("STOP");
  }

  /** When the guest stopped, as QEMU told before it told of the end. */
  private static Optional<Instant> stopped(EventSubscription stops) {
    return stops
        .next(Duration.ZERO)
        .flatMap(
            signal ->
                signal instanceof EventSignal.Occurred occurred
                    ? occurred.event().at()
                    : Optional.empty());
  }

  private long save(LiveDomain live, Path file, Runnable check) {
    Path socket = new RunFiles(live.runDirectory()).memorySource();
    try (ServerSocketChannel server = listen(socket);
        FileChannel sink = create(file);
        MigrationWatch watch = MigrationWatch.of(live)) {
      ByteFlow flow = ByteFlow.begin(blocking, server::accept, () -> sink);
      live.execute(new MigrationCommand.SetBandwidth(UNBOUNDED));
      live.execute(new MigrationCommand.Migrate(socket));
      MigrationInfo ended = watch.await(flow, check);
      if (ended.state() != MigrationInfo.State.COMPLETED) {
        throw failed(live, file, ended, flow);
      }
      long size = endOfStream(live, file, flow);
      ImageFiles.syncNew(file);
      return size;
    } catch (IOException e) {
      throw unwritable(live.name(), file, e);
    } finally {
      remove(socket);
    }
  }

  private static ServerSocketChannel listen(Path socket) throws IOException {
    Files.deleteIfExists(socket);
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket));
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private static long endOfStream(LiveDomain live, Path file, ByteFlow flow) {
    try {
      return flow.ended().copy().orTimeout(END_OF_STREAM.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw broken(live.name(), file, e);
    }
  }

  private static DriverException broken(String domain, Path file, CompletionException failure) {
    return failure.getCause() instanceof IOException io
        ? unwritable(domain, file, io)
        : DriverException.causedBy(
            failure,
            ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
            "the stream of the memory of domain '%s' does not end".formatted(domain),
            "domain",
            domain);
  }

  /** Where the file could not be written, QEMU only knows that nobody reads what it sends. */
  private static DriverException failed(
      LiveDomain live, Path file, MigrationInfo ended, ByteFlow flow) {
    try {
      var _ = flow.ended().copy().orTimeout(END_OF_STREAM.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      return broken(live.name(), file, e);
    }
    return DriverException.of(
        ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED,
        "the hypervisor of domain '%s' did not write its memory: %s"
            .formatted(live.name(), ended.error().orElse("it was cancelled")),
        "domain",
        live.name(),
        "command",
        "migrate");
  }

  private static DriverException unwritable(String domain, Path file, IOException failure) {
    String text = String.valueOf(failure.getMessage());
    ErrorReason reason =
        failure instanceof FileAlreadyExistsException
            ? ErrorReason.ERROR_REASON_DESTINATION_EXISTS
            : ImageFiles.tellsNoSpace(text)
                ? ErrorReason.ERROR_REASON_NO_SPACE
                : ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED;
    return DriverException.causedBy(
        failure,
        reason,
        "the memory of domain '%s' cannot be written to '%s': %s"
            .formatted(domain, file, ImageFiles.told(failure)),
        "path",
        file.toString(),
        "access",
        "write");
  }

  private static void remove(Path socket) {
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      logger.warn("Cannot remove {}", socket, e);
    }
  }

  /**
   * Ends what may be left of a save: no migration goes on, and the images belong to this QEMU. To
   * be called once the outcome of the snapshot is decided, whether the save succeeded or not, and
   * also by another run of the daemon; then the guest may go on with {@link #letGo}.
   *
   * @throws DriverException what a monitor command raises
   */
  public static void settle(LiveDomain live) {
    MigrationWatch.cancel(live);
    if (live.execute(new QueryCommand.QueryStatus()).state() == RunState.POSTMIGRATE) {
      ImageActivation.activate(live);
    }
  }

  /** Lets a guest go on that is held for a save, in this run of the daemon or an earlier one. */
  public static void letGo(LiveDomain live) {
    live.processors().end(HOLDER);
  }
}
