package dev.drover.qemu;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.DaemonMode;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverSettings;
import dev.drover.spi.activity.Activity;
import dev.drover.spi.activity.Work;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.store.MemoryStore;
import dev.drover.spi.store.Store;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.SuspendDomainRequest;
import dev.drover.v1.UndefineDomainRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A daemon's state and directories around a QEMU driver that can be closed and opened again, as a
 * restart of the daemon does. Guests are emulated and mostly held, so they cost little. Closing the
 * world ends every QEMU that is left in it.
 */
public final class QemuWorld implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path directory;
  private Store store = new MemoryStore();
  private final List<DriverEvent> events = new CopyOnWriteArrayList<>();
  private final List<Work> ongoing = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = DaemonDeath.threads();
  private ExecutorService blocking = threads;
  private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
  private final Map<String, String> settings = new HashMap<>(Map.of("acceleration", "tcg"));
  private List<Driver> open = List.of();

  /** A world without a driver. */
  public QemuWorld() {
    try {
      directory = Files.createTempDirectory("drv");
      Files.createDirectories(directory.resolve("run"));
      Files.createDirectories(directory.resolve("state"));
      Files.createDirectories(directory.resolve("images"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Chooses, for drivers opened from now on, when their work that may block begins. */
  QemuWorld beginning(Function<ExecutorService, ExecutorService> when) {
    blocking = when.apply(threads);
    return this;
  }

  /** Changes a setting for drivers opened from now on. */
  public QemuWorld with(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /** What the driver gets from the daemon. */
  public DriverContext context() {
    return new DriverContext(
        DaemonMode.SESSION,
        store,
        Clock.systemUTC(),
        events::add,
        this::begin,
        blocking,
        timers,
        directory.resolve("state"),
        directory.resolve("run"),
        new DriverSettings(settings));
  }

  private Activity begin(Work work) {
    ongoing.add(work);
    return new Activity() {
      @Override
      public void gaveUp() {
        // It goes on.
      }

      @Override
      public void end(Outcome outcome) {
        ongoing.remove(work);
      }
    };
  }

  /** What the driver is at for a domain. */
  public List<Work> ongoing(String domain) {
    return ongoing.stream().filter(work -> work.domainName().equals(domain)).toList();
  }

  /** Opens the driver, closing the one before, as a restart of the daemon does. */
  public Driver openDriver() {
    closeDriver();
    Driver driver = new QemuDriverProvider().open(context());
    open = List.of(driver);
    return driver;
  }

  /** Closes the driver; its domains go on. */
  public void closeDriver() {
    open.forEach(Driver::close);
    open = List.of();
  }

  /** The driver that is open. */
  public Driver driver() {
    return open.getFirst();
  }

  /** The store. */
  public Store store() {
    return store;
  }

  /** Gives drivers opened from now on another store. */
  public void use(Store other) {
    store = other;
  }

  /** What the driver has told so far. */
  public List<DriverEvent> events() {
    return events;
  }

  /** Directory for images. */
  public Path images() {
    return directory.resolve("images");
  }

  /** Directory with the directories of running domains. */
  public Path run() {
    return directory.resolve("run");
  }

  /** A call with a minute of time. */
  public CallContext call() {
    return call(PATIENCE);
  }

  /** A call with this much time. */
  public CallContext call(Duration time) {
    return new CallContext(
        new Caller("test", "test"), "test", Instant.now().plus(time), () -> false);
  }

  /** Makes a qcow2 image of 8 MiB without backing file. */
  public Path qcow2(String name) {
    Path image = images().resolve(name);
    program("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "8M");
    return image;
  }

  /** Makes a qcow2 image above another one. */
  public Path overlay(String name, String backingReference, String backingFormat) {
    Path image = images().resolve(name);
    program(
        "qemu-img",
        "create",
        "-q",
        "-f",
        "qcow2",
        "-u",
        "-b",
        backingReference,
        "-F",
        backingFormat,
        image.toString(),
        "8M");
    return image;
  }

  /** Runs a program and gives what it printed. */
  public String program(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError(String.join(" ", command) + " failed: " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** A disk. */
  public static Disk disk(String target, Path image, ImageFormat format) {
    return Disk.newBuilder()
        .setTarget(target)
        .setSource(Image.newBuilder().setPath(image.toString()).setFormat(format))
        .build();
  }

  /** A small domain with qcow2 disks vda, vdb and so on. */
  public static DomainSpec spec(String name, Path... images) {
    DomainSpec.Builder spec = DomainSpec.newBuilder().setName(name).setMemoryBytes(16L << 20);
    char letter = 'a';
    for (Path image : images) {
      spec.addDisks(disk("vd" + letter, image, ImageFormat.IMAGE_FORMAT_QCOW2));
      letter++;
    }
    return spec.build();
  }

  /** Defines a domain. */
  public Domain define(DomainSpec spec) {
    return driver()
        .domains()
        .define(call(), DefineDomainRequest.newBuilder().setSpec(spec).build());
  }

  /** Starts a domain with its processors held. */
  public Domain startPaused(String name) {
    return driver()
        .domains()
        .start(
            call(), StartDomainRequest.newBuilder().setDomain(ref(name)).setPaused(true).build());
  }

  /** Starts a domain. */
  public Domain start(String name) {
    return driver()
        .domains()
        .start(call(), StartDomainRequest.newBuilder().setDomain(ref(name)).build());
  }

  /** Starts a transient domain with its processors held. */
  public Domain createPaused(DomainSpec spec) {
    return driver()
        .domains()
        .create(call(), CreateDomainRequest.newBuilder().setSpec(spec).setPaused(true).build());
  }

  /** Holds a domain. */
  public Domain suspend(String name) {
    return driver()
        .domains()
        .suspend(call(), SuspendDomainRequest.newBuilder().setDomain(ref(name)).build());
  }

  /** Lets a domain run. */
  public Domain resume(String name) {
    return resume(name, PATIENCE);
  }

  /** Lets a domain run, by a call with this much time. */
  public Domain resume(String name, Duration time) {
    return driver()
        .domains()
        .resume(call(time), ResumeDomainRequest.newBuilder().setDomain(ref(name)).build());
  }

  /** Ends a domain by force. */
  public Domain destroy(String name) {
    return driver()
        .domains()
        .destroy(call(), DestroyDomainRequest.newBuilder().setDomain(ref(name)).build());
  }

  /** Forgets a domain. */
  public void undefine(String name) {
    driver()
        .domains()
        .undefine(call(), UndefineDomainRequest.newBuilder().setDomain(ref(name)).build());
  }

  /** The domain now. */
  public Domain get(String name) {
    return driver().domains().get(ref(name));
  }

  /** A domain by its name. */
  public static DomainRef ref(String name) {
    return DomainRef.newBuilder().setName(name).build();
  }

  /** Sends a signal to a process. */
  public void signal(String signal, long pid) {
    program("kill", "-" + signal, Long.toString(pid));
  }

  /** Sends SIGKILL to every process of this world; one may end with another before its turn. */
  public List<Long> killProcesses() {
    List<Long> all = processes();
    all.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    return all;
  }

  /** The same, and waits until none of them lives, whatever has begun since. */
  public void endProcesses() {
    List<Long> killed = killProcesses();
    await().atMost(Duration.ofSeconds(60)).until(() -> killed.stream().noneMatch(QemuWorld::lives));
  }

  /** Whether a process lives. */
  public static boolean lives(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** Keys of the runtime records in the store. */
  public List<String> runtimeRecords() {
    return store.list("qemu-runtime").stream().map(record -> record.key()).toList();
  }

  /** Content of a runtime record. */
  public ByteString runtimeRecord(String uuid) {
    return store.read("qemu-runtime", uuid).orElseThrow();
  }

  /** Processes whose command line names this world. */
  public List<Long> processes() {
    List<Long> found = new ArrayList<>();
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      all.filter(process -> process.info().commandLine().orElse("").contains(directory.toString()))
          .forEach(process -> found.add(process.pid()));
    }
    return found;
  }

  @Override
  public void close() {
    closeDriver();
    var _ = killProcesses();
    timers.shutdownNow();
    threads.shutdownNow();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
