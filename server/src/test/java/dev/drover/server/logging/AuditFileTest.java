package dev.drover.server.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.read.ListAppender;
import dev.drover.server.config.DaemonConfig.Logging;
import dev.drover.server.config.LogLevel;
import dev.drover.server.state.StateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** R30: the file of the audit records, whatever happens to it. */
class AuditFileTest {

  @TempDir private Path directory;
  private final LoggerContext context = new LoggerContext();
  private final Logger audit = context.getLogger("audit");
  private final Logger logger = (Logger) LoggerFactory.getLogger(AuditFile.class);
  private final ListAppender<ILoggingEvent> told = new ListAppender<>();

  @BeforeEach
  void listen() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    told.start();
    logger.addAppender(told);
  }

  @AfterEach
  void stop() {
    context.stop();
    logger.detachAppender(told);
  }

  private void open(Path file) {
    Logging logging = new Logging(LogLevel.INFO, Optional.of(file.toString()), 1L << 20);
    audit.addAppender(LogSetup.auditFile(context, logging, directory));
  }

  @Test
  void aFileThatWasMovedAwayIsBegunAnew() throws IOException {
    Path file = directory.resolve("audit.log");
    Path moved = directory.resolve("audit.log-20260101");
    open(file);
    audit.info("one");
    Files.move(file, moved);
    audit.info("two");
    audit.info("three");
    assertThat(moved).hasContent("one");
    assertThat(file).hasContent("two\nthree");
    Files.delete(file);
    audit.info("four");
    assertThat(file).hasContent("four");
    assertThat(told.list).isEmpty();
  }

  @Test
  void aDaemonWhoseAuditFileCannotBeWrittenDoesNotStart() {
    assertThatExceptionOfType(StateException.class)
        .isThrownBy(() -> open(directory))
        .withMessageContaining("the audit file " + directory + " cannot be written")
        .withMessageContaining("logging.audit_file");
  }

  @Test
  void aFullDiskIsToldOnceAndSoIsItsEnd() throws IOException {
    Path file = directory.resolve("audit.log");
    Files.createSymbolicLink(file, Path.of("/dev/full"));
    open(file);
    for (int i = 0; i < 50; i++) {
      audit.info("lost");
    }
    assertThat(told.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .contains("audit records cannot be written to " + file, "No space left on device");

    Files.delete(file);
    audit.info("kept");
    audit.info("kept");
    assertThat(file).hasContent("kept\nkept");
    assertThat(told.list)
        .hasSize(2)
        .last()
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEqualTo("audit records are written to " + file + " again");
  }
}
