package dev.drover.conformance.command;

import dev.drover.client.ConnectionUri;
import dev.drover.client.DroverException;
import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.GuestWorld;
import dev.drover.conformance.NoImages;
import dev.drover.conformance.world.QemuPrograms;
import dev.drover.conformance.world.QemuWorld;
import dev.drover.conformance.world.TestDriverWorld;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.SerialConsole;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * What a connection URI means for a run: the daemon that it names, or daemons of the run's own,
 * each with files of its own, so that cases that run at once cannot meet.
 *
 * @param all at least one
 */
record Targets(List<AddressedTarget> all) implements AutoCloseable {
  /** Where the installation is, told by the launcher. */
  private static final String HOME = "drover.home";

  private static final long MEMORY_BYTES = 32L << 20;

  /**
   * One more than there are processors uses the time in which cases wait; more than these would
   * wait for one disk.
   */
  private static final int MOST_BY_DEFAULT = 4;

  /**
   * Opens the targets of a run.
   *
   * @param uri daemon and driver
   * @param alone true: daemons of the run's own, even where one runs
   * @param daemons how many of the run's own; empty: as many as suit the machine
   * @param template domain that cases start from; empty: a small one
   * @throws UnusableTarget where there is no such target
   */
  static Targets open(
      String uri, boolean alone, Optional<Integer> daemons, Optional<DomainSpec> template) {
    ConnectionUri parsed = parse(uri);
    String driver =
        parsed
            .driverUri()
            .orElseThrow(
                () -> new UnusableTarget("say which driver is meant, as in 'qemu:///session'"));
    String scheme = driver.substring(0, driver.indexOf(':'));
    boolean own = alone || isAbsent(uri, parsed);
    int count = count(own, daemons);
    return opened(count, () -> open(uri, driver, scheme, own, template));
  }

  /** At once, since each of them waits for a daemon to start. */
  private static Targets opened(int count, Callable<AddressedTarget> open) {
    List<Future<AddressedTarget>> opened;
    try (ExecutorService openers = Executors.newVirtualThreadPerTaskExecutor()) {
      opened = openers.invokeAll(Collections.nCopies(count, open));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnusableTarget("interrupted while the run is prepared", e);
    }
    Targets targets =
        new Targets(
            opened.stream()
                .filter(one -> one.state() == Future.State.SUCCESS)
                .map(Future::resultNow)
                .toList());
    Optional<Throwable> problem =
        opened.stream()
            .filter(one -> one.state() == Future.State.FAILED)
            .map(Future::exceptionNow)
            .findFirst();
    if (problem.isPresent()) {
      targets.close();
      throw problem.get() instanceof RuntimeException e
          ? e
          : new IllegalStateException(problem.get());
    }
    return targets;
  }

  private static int count(boolean own, Optional<Integer> daemons) {
    int count =
        daemons.orElseGet(
            () ->
                own
                    ? Math.min(MOST_BY_DEFAULT, Runtime.getRuntime().availableProcessors() + 1)
                    : 1);
    if (count < 1) {
      throw new UnusableTarget("--daemons needs at least 1");
    }
    if (!own && count > 1) {
      throw new UnusableTarget(
          "a daemon that runs already cannot be shared by cases that run at once; add --private, or"
              + " leave --daemons out");
    }
    return count;
  }

  private static AddressedTarget open(
      String uri, String driver, String scheme, boolean own, Optional<DomainSpec> template) {
    Scratch scratch = Scratch.make();
    try {
      Function<ConformanceTarget, GuestWorld> world = world(scheme, scratch.directory());
      Optional<PrivateDaemon> daemon =
          own ? Optional.of(PrivateDaemon.in(scratch.directory(), program())) : Optional.empty();
      String reached =
          daemon
              .map(mine -> driver.replaceFirst(":", "+unix:") + "?socket=" + mine.socket())
              .orElse(uri);
      return new AddressedTarget(
          reached, driver, template.orElseGet(() -> small(scheme)), daemon, scratch, world);
    } catch (RuntimeException e) {
      scratch.close();
      throw e;
    }
  }

  @Override
  public void close() {
    List<RuntimeException> problems = new ArrayList<>();
    for (AddressedTarget target : all) {
      try {
        target.close();
      } catch (RuntimeException e) {
        problems.add(e);
      }
    }
    if (!problems.isEmpty()) {
      problems.stream().skip(1).forEach(problems.getFirst()::addSuppressed);
      throw problems.getFirst();
    }
  }

  private static ConnectionUri parse(String uri) {
    try {
      return ConnectionUri.parse(uri);
    } catch (DroverException e) {
      throw new UnusableTarget(String.valueOf(e.getMessage()), e);
    }
  }

  /** Whether a URI that names no address finds nobody at the usual one. */
  private static boolean isAbsent(String uri, ConnectionUri parsed) {
    return switch (parsed.target()) {
      case ConnectionUri.Target.Tls _, ConnectionUri.Target.Ssh _ -> false;
      case ConnectionUri.Target.Unix(Path socket) ->
          !uri.contains("+") && !uri.contains("?") && !answers(socket);
    };
  }

  private static boolean answers(Path socket) {
    if (!Files.exists(socket)) {
      return false;
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return probe.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return false;
    }
  }

  private static Path program() {
    String home = System.getProperty(HOME, "");
    Path program = Path.of(home, "bin", "droverd");
    if (home.isEmpty() || !Files.isExecutable(program)) {
      throw new UnusableTarget(
          "no daemon is running and %s is not there to be started; start one, and name it with --connect"
              .formatted(program));
    }
    return program;
  }

  private static Function<ConformanceTarget, GuestWorld> world(String scheme, Path directory) {
    return switch (scheme) {
      case "test" -> target -> new TestDriverWorld(target::channel, target.connectionUri());
      case "qemu" ->
          target ->
              new QemuWorld(
                  directory.resolve("images"),
                  QemuPrograms.installed(),
                  target::channel,
                  target.connectionUri());
      // How its images are made is not known here; a driver that has none needs nobody to know.
      default -> _ -> new NoImages();
    };
  }

  private static DomainSpec small(String scheme) {
    DomainSpec.Builder domain = DomainSpec.newBuilder().setMemoryBytes(MEMORY_BYTES);
    return scheme.equals("qemu")
        ? domain.addSerialConsoles(SerialConsole.getDefaultInstance()).build()
        : domain.build();
  }
}
