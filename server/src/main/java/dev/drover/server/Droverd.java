package dev.drover.server;

import ch.qos.logback.classic.LoggerContext;
import dev.drover.server.access.LivePolicy;
import dev.drover.server.access.PolicyException;
import dev.drover.server.config.ConfigException;
import dev.drover.server.config.ConfigReader;
import dev.drover.server.config.ConfigText;
import dev.drover.server.config.DaemonConfig;
import dev.drover.server.config.DaemonConfig.Logging;
import dev.drover.server.config.ListenAddress;
import dev.drover.server.config.LogLevel;
import dev.drover.server.lifecycle.Daemon;
import dev.drover.server.lifecycle.DaemonSetup;
import dev.drover.server.lifecycle.Host;
import dev.drover.server.lifecycle.Supervisor;
import dev.drover.server.logging.LogSetup;
import dev.drover.server.state.PrivateDirectory;
import dev.drover.server.state.StateException;
import dev.drover.server.state.UnpackedLibraries;
import dev.drover.spi.DaemonMode;
import dev.drover.spi.DriverProvider;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The program {@code droverd}. Exit codes: 0 after an orderly stop, 1 where the daemon could not
 * start or a policy is wrong, 2 where the command line is wrong.
 */
public final class Droverd {

  private static final int STARTED_AND_STOPPED = 0;
  private static final int NOT_STARTED = 1;
  private static final int USAGE = 2;

  private final PrintStream out;
  private final PrintStream err;
  private final Map<String, String> environment;
  private final Consumer<Path> unpacking;

  /**
   * Makes the program.
   *
   * @param unpacking told the state directory, before a native library is loaded
   */
  Droverd(
      PrintStream out, PrintStream err, Map<String, String> environment, Consumer<Path> unpacking) {
    this.out = out;
    this.err = err;
    this.environment = environment;
    this.unpacking = unpacking;
  }

  /** Runs the daemon until it is told to stop. */
  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    System.exit(new Droverd(out, err, System.getenv(), Droverd::unpack).run(arguments));
  }

  /**
   * SQLite's library is unpacked to be loaded, and would stay behind in a directory of the host.
   */
  private static void unpack(Path stateDirectory) {
    System.setProperty(
        "org.sqlite.tmpdir",
        UnpackedLibraries.prepare(stateDirectory, ProcessHandle.current().pid()).toString());
  }

  /** What the command line understands, for whoever writes about it: manual pages above all. */
  public static CommandSpec model() {
    return commandLine(new DaemonOptions()).getCommandSpec();
  }

  private static CommandLine commandLine(DaemonOptions options) {
    CommandLine line =
        new CommandLine(options)
            .setCommandName("droverd")
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpAutoWidth(true);
    line.getCommandSpec()
        .usageMessage()
        .description("Serve virtual machines over gRPC, until a signal ends it.");
    return line;
  }

  /** Runs the daemon and answers the exit code. */
  int run(String... arguments) {
    DaemonOptions options = new DaemonOptions();
    CommandLine line = commandLine(options);
    try {
      line.parseArgs(arguments);
    } catch (CommandLine.ParameterException e) {
      err.println("error: " + e.getMessage());
      err.println("droverd --help shows the options");
      return USAGE;
    }
    Optional<String> contradiction = options.contradiction();
    if (contradiction.isPresent()) {
      err.println("error: " + contradiction.get());
      return USAGE;
    }
    List<DriverProvider> providers = providers();
    if (options.help) {
      line.usage(out);
      return STARTED_AND_STOPPED;
    }
    if (options.version) {
      out.println("droverd " + Host.version());
      return STARTED_AND_STOPPED;
    }
    if (options.printConfig) {
      out.print(ConfigText.commented(providers));
      return STARTED_AND_STOPPED;
    }
    if (options.checkPolicy != null) {
      return checkPolicy(options.checkPolicy);
    }
    return options.ephemeral ? serveForTest(options, providers) : serve(options, providers);
  }

  private int checkPolicy(Path file) {
    try {
      int bindings = LivePolicy.read(file, Host.userId()).size();
      out.println("%s can be used: %d bindings".formatted(file, bindings));
      return STARTED_AND_STOPPED;
    } catch (PolicyException e) {
      e.problems().forEach(problem -> err.println("error: " + file + ": " + problem));
      return NOT_STARTED;
    }
  }

  private int serve(DaemonOptions options, List<DriverProvider> providers) {
    return serve(
        () -> setup(options, providers),
        () -> {},
        (setup, daemon) -> "droverd ready on " + address(setup) + tcp(daemon));
  }

  private int serveForTest(DaemonOptions options, List<DriverProvider> providers) {
    List<DriverProvider> chosen =
        providers.stream()
            .filter(provider -> provider.scheme().equals(EphemeralDirectory.DRIVER))
            .toList();
    try (EphemeralDirectory directory = EphemeralDirectory.make()) {
      if (options.logLevel == null) {
        options.logLevel = LogLevel.WARN;
      }
      return serve(
          () ->
              new DaemonSetup(
                  DaemonMode.SESSION,
                  config(options, chosen),
                  directory.state(),
                  directory.runtime(),
                  new DaemonSetup.Listen.UnixSocket(options.socket(directory.runtime())),
                  chosen,
                  InstantSource.system(),
                  Host.userId()),
          directory::close,
          (setup, _) -> {
            Lifeline.follow(System.in, () -> System.exit(STARTED_AND_STOPPED));
            return address(setup);
          });
    } catch (StateException e) {
      err.println("error: " + e.getMessage());
      return NOT_STARTED;
    }
  }

  /** Says what a daemon is to be. */
  @FunctionalInterface
  private interface Setup {
    DaemonSetup read() throws ConfigException;
  }

  /**
   * Serves until the process is told to end.
   *
   * @param afterwards done when the daemon has stopped
   * @param greeting the one line that tells who waits for it that the daemon serves
   */
  private int serve(
      Setup wanted, Runnable afterwards, BiFunction<DaemonSetup, Daemon, String> greeting) {
    try {
      DaemonSetup setup = wanted.read();
      PrivateDirectory.prepare(setup.stateDirectory());
      LogSetup.apply(setup.config().logging(), setup.stateDirectory());
      unpacking.accept(setup.stateDirectory());
      Daemon daemon = Daemon.start(setup);
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> stop(daemon, afterwards), "drover-stop"));
      out.println(greeting.apply(setup, daemon));
      Supervisor.of(environment).ready();
      daemon.awaitStop();
      return STARTED_AND_STOPPED;
    } catch (ConfigException e) {
      e.problems().forEach(problem -> err.println("error: configuration: " + problem));
      return NOT_STARTED;
    } catch (StateException e) {
      err.println("error: " + e.getMessage());
      return NOT_STARTED;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return NOT_STARTED;
    }
  }

  /**
   * The end after a signal. The virtual machine would report the signal as its exit code, although
   * a daemon that was told to stop and did so has succeeded.
   */
  private static void stop(Daemon daemon, Runnable afterwards) {
    int code = STARTED_AND_STOPPED;
    try {
      daemon.close();
      afterwards.run();
    } catch (RuntimeException e) {
      LoggerFactory.getLogger(Droverd.class).error("the daemon did not stop in order", e);
      code = NOT_STARTED;
    }
    ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    Runtime.getRuntime().halt(code);
  }

  private DaemonSetup setup(DaemonOptions options, List<DriverProvider> providers)
      throws ConfigException {
    long owner = Host.userId();
    DaemonMode mode = options.mode(owner);
    Path state = options.stateDirectory(mode, environment);
    Path runtime = options.runtimeDirectory(mode, environment);
    return new DaemonSetup(
        mode,
        config(options, providers),
        state,
        runtime,
        new DaemonSetup.Listen.UnixSocket(options.socket(runtime)),
        providers,
        InstantSource.system(),
        owner);
  }

  private static DaemonConfig config(DaemonOptions options, List<DriverProvider> providers)
      throws ConfigException {
    DaemonConfig config =
        options.config == null
            ? ConfigReader.defaults()
            : ConfigReader.read(options.config, providers);
    if (options.logLevel == null) {
      return config;
    }
    Logging logging = config.logging();
    return config.withLogging(
        new Logging(options.logLevel, logging.auditFile(), logging.auditFileBytes()));
  }

  private static List<DriverProvider> providers() {
    return ServiceLoader.load(DriverProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(DriverProvider::scheme))
        .toList();
  }

  private static String tcp(Daemon daemon) {
    return daemon.tcp().map(address -> " and tls://" + ListenAddress.of(address)).orElse("");
  }

  private static String address(DaemonSetup setup) {
    return switch (setup.listen()) {
      case DaemonSetup.Listen.UnixSocket socket -> "unix://" + socket.path();
      case DaemonSetup.Listen.InProcess process -> "in-process:" + process.name();
    };
  }
}
