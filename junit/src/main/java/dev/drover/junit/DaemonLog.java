package dev.drover.junit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.layout.TTLLLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What one daemon of several in a process logs: the lines of the threads that it started. Every
 * thread that a thread starts belongs to the same daemon.
 */
final class DaemonLog {

  private static final int MOST_LINES = 500;
  private static final InheritableThreadLocal<@Nullable DaemonLog> CURRENT =
      new InheritableThreadLocal<>();
  private static final boolean READABLE = listen();

  private final Deque<String> lines = new ArrayDeque<>();

  /** Runs something whose threads, and theirs, log here. */
  <T> T around(Supplier<T> action) {
    DaemonLog before = CURRENT.get();
    CURRENT.set(this);
    try {
      return action.get();
    } finally {
      CURRENT.set(before);
    }
  }

  /** The newest lines. */
  synchronized String text() {
    return READABLE
        ? String.join("", lines)
        : "not known: SLF4J writes to " + LoggerFactory.getILoggerFactory().getClass().getName();
  }

  private synchronized void add(String line) {
    lines.addLast(line);
    if (lines.size() > MOST_LINES) {
      lines.removeFirst();
    }
  }

  /**
   * Has the daemon's loggers tell what is worth telling after a failure, and hands on what the
   * process's own configuration would have shown.
   */
  private static boolean listen() {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return false;
    }
    quieten(context);
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Logger daemons = context.getLogger("dev.drover");
    Level shown = daemons.getEffectiveLevel();
    PatternLayout layout = new PatternLayout();
    layout.setContext(context);
    layout.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0} %msg %kvp{NONE} %mdc%n%ex");
    layout.start();
    AppenderBase<ILoggingEvent> lines =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            DaemonLog log = CURRENT.get();
            if (log != null) {
              log.add(layout.doLayout(event));
            }
            if (event.getLevel().isGreaterOrEqual(shown)) {
              for (Iterator<Appender<ILoggingEvent>> own = root.iteratorForAppenders();
                  own.hasNext(); ) {
                own.next().doAppend(event);
              }
            }
          }
        };
    lines.setContext(context);
    lines.start();
    daemons.addAppender(lines);
    daemons.setAdditive(false);
    if (!Level.INFO.isGreaterOrEqual(shown)) {
      daemons.setLevel(Level.INFO);
    }
    return true;
  }

  /**
   * Has a process whose author has configured no logging, so that Logback shows everything, show
   * nothing of what daemons and the libraries under them do: a call of a test would be dozens of
   * lines, its frames among them, and take longer than the test.
   */
  static void quieten(LoggerContext context) {
    if (isUnconfigured(context)) {
      for (String noisy : List.of("dev.drover", "io.grpc", "io.netty")) {
        context.getLogger(noisy).setLevel(Level.WARN);
      }
      // Tells for each server that it sets up an address as a socket of another kind.
      context.getLogger("io.netty.bootstrap").setLevel(Level.ERROR);
      // Where a world ends right after a call, nobody is left to hear that the answer has gone out.
      context
          .getLogger("io.netty.util.concurrent.DefaultPromise.rejectedExecution")
          .setLevel(Level.OFF);
    }
  }

  /** Whether Logback has found no configuration: the layout is one that it alone chooses. */
  private static boolean isUnconfigured(LoggerContext context) {
    Iterator<Appender<ILoggingEvent>> appenders =
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).iteratorForAppenders();
    return appenders.hasNext()
        && appenders.next() instanceof ConsoleAppender<ILoggingEvent> console
        && console.getEncoder() instanceof LayoutWrappingEncoder<ILoggingEvent> encoder
        && encoder.getLayout() instanceof TTLLLayout
        && !appenders.hasNext();
  }
}
