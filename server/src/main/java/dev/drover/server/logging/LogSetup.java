package dev.drover.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import dev.drover.server.audit.JsonAuditLog;
import dev.drover.server.config.DaemonConfig.Logging;
import dev.drover.server.config.LogLevel;
import dev.drover.server.state.StateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Sends log lines to the standard error, where a supervisor collects them, and audit records to
 * their file. Line breaks inside a message are taken out, so that nobody can forge a line.
 */
public final class LogSetup {

  private static final String LINE =
      "%d{\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\"} %-5level %logger{0}"
          + " %replace(%msg){'[\\r\\n]+',' '} %replace(%kvp{NONE} %mdc){'[\\r\\n,]+',''}%n%ex";
  private static final int OLD_AUDIT_FILES = 10;

  private LogSetup() {}

  /**
   * Applies a configuration to the process.
   *
   * @throws StateException where the audit file cannot be opened
   */
  public static void apply(Logging logging, Path stateDirectory) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();

    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setTarget("System.err");
    console.setEncoder(encoder(context, LINE));
    console.start();
    var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(console);
    Level level = level(logging.level());
    context.getLogger("dev.drover").setLevel(level);
    if (logging.level() == LogLevel.TRACE) {
      root.setLevel(Level.DEBUG);
    }
    // Netty tries TCP options on unix sockets and warns of each.
    context.getLogger("io.netty.bootstrap").setLevel(Level.ERROR);
    // gRPC writes to java.util.logging; of every client that goes away in the middle of an answer
    // it warns with a trace.
    context.getLogger("io.grpc.netty.NettyServerHandler").setLevel(Level.ERROR);
    // What becomes of traces is told by ToldExporter.
    context.getLogger("io.opentelemetry.exporter").setLevel(Level.OFF);
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();

    var audit = context.getLogger(JsonAuditLog.LOGGER);
    audit.setLevel(Level.INFO);
    audit.setAdditive(false);
    audit.addAppender(auditFile(context, logging, stateDirectory));
  }

  /** The audit file of a configuration, open. */
  static AuditFile auditFile(LoggerContext context, Logging logging, Path stateDirectory) {
    String file =
        logging.auditFile().orElseGet(() -> stateDirectory.resolve("audit.log").toString());
    usable(Path.of(file));
    AuditFile appender = new AuditFile();
    appender.setContext(context);
    appender.setFile(file);
    appender.setEncoder(encoder(context, "%msg%n"));

    FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
    rolling.setContext(context);
    rolling.setParent(appender);
    rolling.setFileNamePattern(file + ".%i.gz");
    rolling.setMinIndex(1);
    rolling.setMaxIndex(OLD_AUDIT_FILES);
    rolling.start();

    SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
    trigger.setContext(context);
    trigger.setMaxFileSize(new FileSize(logging.auditFileBytes()));
    trigger.start();

    appender.setRollingPolicy(rolling);
    appender.setTriggeringPolicy(trigger);
    appender.start();
    return appender;
  }

  /** A daemon that nobody could hold to account does not start. */
  private static void usable(Path file) {
    try {
      if (file.getParent() != null) {
        Files.createDirectories(file.getParent());
      }
      Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
    } catch (IOException e) {
      throw new StateException(
          "the audit file %s cannot be written: %s; mend that, or name another with logging.audit_file"
              .formatted(file, e),
          e);
    }
  }

  private static PatternLayoutEncoder encoder(LoggerContext context, String pattern) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(pattern);
    encoder.start();
    return encoder;
  }

  private static Level level(LogLevel level) {
    return switch (level) {
      case ERROR -> Level.ERROR;
      case WARN -> Level.WARN;
      case INFO -> Level.INFO;
      case DEBUG -> Level.DEBUG;
      case TRACE -> Level.TRACE;
    };
  }
}
