package dev.drover.junit;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.BasicConfigurator;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is shown of daemons in a process whose author has not thought of logging. */
class DaemonLogTest {
  private static final String[] NOISY = {
    "io.netty.buffer.Any", "io.grpc.netty.Any", "dev.drover.A"
  };

  private final LoggerContext context = new LoggerContext();

  @AfterEach
  void stop() {
    context.stop();
  }

  private Level level(String logger) {
    return context.getLogger(logger).getEffectiveLevel();
  }

  @Test
  void aProcessWithoutConfigurationShowsItsOwnLinesAndNotTheDaemons() {
    BasicConfigurator basic = new BasicConfigurator();
    basic.setContext(context);
    var _ = basic.configure(context);

    DaemonLog.quieten(context);

    assertThat(level("org.example.Mine")).isEqualTo(Level.DEBUG);
    assertThat(NOISY).allSatisfy(noisy -> assertThat(level(noisy)).isEqualTo(Level.WARN));
  }

  @Test
  void whatIsConfiguredIsLeftAsItIs() {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%msg%n");
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setEncoder(encoder);
    context.getLogger("ROOT").addAppender(console);

    DaemonLog.quieten(context);

    assertThat(NOISY).allSatisfy(noisy -> assertThat(level(noisy)).isEqualTo(Level.DEBUG));
  }
}
