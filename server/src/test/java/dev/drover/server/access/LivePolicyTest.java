package dev.drover.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.drover.server.lifecycle.Host;
import dev.drover.server.state.StateException;
import dev.drover.server.watch.Timers;
import dev.drover.spi.Caller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** R23: the policy follows its file, and keeps its head where the file is bad. */
class LivePolicyTest {

  private static final Caller ADA = new Caller("uid:4711", "");
  private static final String VIEWER =
      """
      [[binding]]
      principals = ["uid:4711"]
      role = "viewer"
      """;
  private static final String OPERATOR = VIEWER.replace("viewer", "operator");

  @TempDir private Path directory;
  private final Logger logger = (Logger) LoggerFactory.getLogger(LivePolicy.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void leave() {
    logger.detachAppender(lines);
  }

  private Path file(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("policy.toml"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private static LivePolicy open(Path file) {
    return LivePolicy.open(file, Host.userId());
  }

  private static boolean may(LivePolicy policy, String permission) {
    return policy.grant(ADA, permission) instanceof Grant.Everywhere;
  }

  private List<String> errors() {
    return lines.list.stream()
        .filter(line -> line.getLevel() == Level.ERROR)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void aChangeHoldsAfterTheNextLook() throws IOException {
    LivePolicy policy = open(file(VIEWER));
    assertThat(may(policy, "domain.power")).isFalse();
    file(OPERATOR);
    policy.look();
    assertThat(may(policy, "domain.power")).isTrue();
    file("");
    policy.look();
    assertThat(may(policy, "domain.read")).isFalse();
  }

  @Test
  void aBadFileIsToldOnceAndThePolicyBeforeStays() throws IOException {
    Path path = file(VIEWER);
    LivePolicy policy = open(path);
    file("[[binding]]\nrole = \"viewer\"\nprincipals = [\"ada\"]\n");
    policy.look();
    policy.look();
    assertThat(may(policy, "domain.read")).isTrue();
    assertThat(errors())
        .singleElement()
        .asString()
        .contains(path.toString(), "line 3: no caller is ever called \"ada\"");
    file(VIEWER);
    policy.look();
    file(OPERATOR);
    policy.look();
    assertThat(may(policy, "domain.power")).isTrue();
  }

  @Test
  void aFileThatIsGoneLocksNobodyOutAndLetsNobodyIn() throws IOException {
    Path path = file(VIEWER);
    LivePolicy policy = open(path);
    Files.delete(path);
    policy.look();
    policy.look();
    assertThat(may(policy, "domain.read")).isTrue();
    assertThat(may(policy, "domain.power")).isFalse();
    assertThat(errors()).hasSize(1);
    file(OPERATOR);
    policy.look();
    assertThat(may(policy, "domain.power")).isTrue();
  }

  @Test
  void aBadFileKeepsTheDaemonFromStarting() throws IOException {
    Path path = file("[[bindings]]\n");
    assertThatExceptionOfType(StateException.class)
        .isThrownBy(() -> open(path))
        .withMessageContaining(path.toString())
        .withMessageContaining("line 1: unknown key \"bindings\"; did you mean \"binding\"?");
    assertThatExceptionOfType(StateException.class)
        .isThrownBy(() -> open(directory.resolve("absent")))
        .withMessageContaining("absent does not exist");
  }

  @Test
  void aFileThatOthersCanWriteIsRefused() throws IOException {
    Path path = file(VIEWER);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-r--"));
    assertThatExceptionOfType(StateException.class)
        .isThrownBy(() -> open(path))
        .withMessageContaining("chmod go-w");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
    LivePolicy policy = open(path);
    file(OPERATOR);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--rw-"));
    policy.look();
    assertThat(may(policy, "domain.power")).isFalse();
    assertThat(errors()).singleElement().asString().contains("chmod go-w");
  }

  /** The daemon's timer, run by hand. */
  private static final class HandTimers implements Timers {
    private final Queue<Runnable> due = new ArrayDeque<>();

    @Override
    public Pending after(Duration delay, Runnable task) {
      assertThat(delay).isEqualTo(LivePolicy.LOOK);
      due.add(task);
      return () -> due.remove(task);
    }

    void ring() {
      Objects.requireNonNull(due.poll()).run();
    }
  }

  @Test
  void looksAgainAndAgainUntilItIsClosed() throws IOException {
    HandTimers timers = new HandTimers();
    LivePolicy policy = open(file(VIEWER));
    policy.follow(timers, Runnable::run);
    timers.ring();
    file(OPERATOR);
    assertThat(may(policy, "domain.power")).isFalse();
    timers.ring();
    assertThat(may(policy, "domain.power")).isTrue();
    policy.close();
    assertThat(timers.due).isEmpty();
  }
}
