package dev.drover.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.qemu.probe.CapturedSchemas;
import dev.drover.spi.activity.Activities;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class QmpConnectionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration BRIEF = Duration.ofMillis(100);
  private static final String RUNNING = "{\"running\": true, \"status\": \"running\"}";

  @TempDir Path directory;
  private QmpEventLoop loop;
  private FakeQemu fake;

  @BeforeEach
  void start() {
    loop = new QmpEventLoop(Activities.UNOBSERVED);
    fake = FakeQemu.listening(directory.resolve("qmp.sock"), CapturedSchemas.QEMU_7_2.schema());
  }

  @AfterEach
  void stop() {
    fake.close();
    loop.close();
  }

  private QmpConnection connect() throws IOException {
    return QmpConnection.connect(loop, directory.resolve("qmp.sock"), PATIENCE);
  }

  @Test
  void connectingNegotiatesAndTellsVersionAndPeer() throws IOException {
    try (QmpConnection connection = connect()) {
      assertThat(connection.state()).isEqualTo(QmpConnection.State.RUNNING);
      assertThat(connection.version()).isEqualTo(new QemuVersion(7, 2, 22, "fake"));
      assertThat(connection.peer().pid()).isEqualTo(ProcessHandle.current().pid());
    }
    assertThat(fake.receivedNames()).containsExactly("qmp_capabilities");
    fake.verify();
  }

  @Test
  void aCommandReturnsItsTypedResult() throws IOException {
    fake.expect("query-status").thenReturn(RUNNING);
    try (QmpConnection connection = connect()) {
      assertThat(connection.execute(new QueryCommand.QueryStatus()))
          .isEqualTo(new RunStatus(true, RunState.RUNNING));
    }
    fake.verify();
  }

  @Test
  void fieldsAndValuesOfALaterQemuDoNotDisturb() throws IOException {
    fake.expect("query-status")
        .thenReturn(
            "{\"running\": false, \"status\": \"dreaming\", \"depth\": [1, {\"x\": null}]}");
    try (QmpConnection connection = connect()) {
      assertThat(connection.execute(new QueryCommand.QueryStatus()))
          .isEqualTo(new RunStatus(false, RunState.UNKNOWN));
    }
  }

  @Test
  void anAnswerWithoutAPromisedFieldNamesTheField() throws IOException {
    fake.expect("query-status").thenReturn("{\"running\": true}");
    try (QmpConnection connection = connect()) {
      assertThatThrownBy(() -> connection.execute(new QueryCommand.QueryStatus()))
          .isInstanceOf(QmpProtocolException.class)
          .hasMessageContaining("status");
    }
  }

  @Test
  void anErrorReplyCarriesClassTextAndCommand() throws IOException {
    fake.expect("job-dismiss").thenFail("DeviceNotFound", "Job not found");
    try (QmpConnection connection = connect()) {
      QmpCommandException refused =
          catchThrowableOfType(
              QmpCommandException.class,
              () -> connection.execute(new BlockJobCommand.JobDismiss("job")));
      assertThat(refused.command()).isEqualTo("job-dismiss");
      assertThat(refused.errorClass()).isEqualTo("DeviceNotFound");
      assertThat(refused.description()).isEqualTo("Job not found");
      assertThat(refused.mayHaveRun()).isFalse();
      assertThat(connection.state()).isEqualTo(QmpConnection.State.RUNNING);
    }
  }

  // R10
  @Test
  void silenceEndsInATimeoutAndTheConnectionStaysUsable() throws IOException {
    fake.expect("stop").thenStaySilent();
    fake.expect("query-status").thenReturn(RUNNING);
    try (QmpConnection connection = connect()) {
      QmpTimeoutException timeout =
          catchThrowableOfType(
              QmpTimeoutException.class, () -> connection.execute(new RunCommand.Stop(), BRIEF));
      assertThat(timeout.command()).isEqualTo("stop");
      assertThat(timeout.mayHaveRun()).isTrue();
      assertThat(connection.execute(new QueryCommand.QueryStatus()).running()).isTrue();
    }
  }

  @Test
  void aLateAnswerIsDroppedAndNotGivenToTheNextCommand() throws IOException {
    fake.expect("query-name").thenStaySilent();
    fake.expect("query-status").thenStaySilent();
    try (QmpConnection connection = connect()) {
      assertThatThrownBy(() -> connection.execute(new QueryCommand.QueryName(), BRIEF))
          .isInstanceOf(QmpTimeoutException.class);
      CompletableFuture<RunStatus> status =
          connection.executeAsync(new QueryCommand.QueryStatus(), PATIENCE);
      await().until(() -> fake.receivedNames().contains("query-status"));
      long nameId = fake.received().get(1).get("id").longValue();
      long statusId = fake.received().get(2).get("id").longValue();
      fake.send("{\"return\": {\"name\": \"late\"}, \"id\": %d}\r\n".formatted(nameId));
      fake.send("{\"return\": {}, \"id\": 99999}\r\n");
      fake.send("{\"return\": {}, \"id\": \"foreign\"}\r\n");
      fake.send("{\"return\": %s, \"id\": %d}\r\n".formatted(RUNNING, statusId));
      assertThat(status).succeedsWithin(PATIENCE).isEqualTo(new RunStatus(true, RunState.RUNNING));
    }
  }

  @Test
  void aDisconnectReachesEveryWaiterAsUnknown() throws IOException {
    fake.expect("stop").thenStaySilent();
    fake.expect("cont").thenHangUp();
    try (QmpConnection connection = connect()) {
      CompletableFuture<Acknowledged> stop =
          connection.executeAsync(new RunCommand.Stop(), PATIENCE);
      CompletableFuture<Acknowledged> cont =
          connection.executeAsync(new RunCommand.Cont(), PATIENCE);
      for (CompletableFuture<Acknowledged> waiter : List.of(stop, cont)) {
        assertThat(waiter)
            .failsWithin(PATIENCE)
            .withThrowableOfType(ExecutionException.class)
            .havingCause()
            .isInstanceOfSatisfying(
                QmpConnectionLostException.class, lost -> assertThat(lost.mayHaveRun()).isTrue());
      }
      assertThat(connection.ended()).succeedsWithin(PATIENCE).asString().contains("QEMU closed");
      QmpConnectionLostException after =
          catchThrowableOfType(
              QmpConnectionLostException.class,
              () -> connection.execute(new QueryCommand.QueryStatus()));
      assertThat(after.mayHaveRun()).isFalse();
    }
  }

  @Test
  void whatQemuAnsweredBeforeItWentIsHeardThoughTheNextCommandCannotBeSent() throws IOException {
    fake.expect("quit").thenReturn("{}");
    CountDownLatch begin = new CountDownLatch(1);
    CountDownLatch gone = new CountDownLatch(1);
    try (QmpConnection connection = connect()) {
      loop.execute(() -> hold(begin));
      CompletableFuture<Acknowledged> quit =
          connection.executeAsync(new RunCommand.Quit(), PATIENCE);
      loop.execute(() -> hold(gone));
      CompletableFuture<Acknowledged> next =
          connection.executeAsync(new RunCommand.Cont(), PATIENCE);
      begin.countDown();
      await().atMost(PATIENCE).until(() -> fake.receivedNames().contains("quit"));
      fake.hangUp();
      gone.countDown();

      assertThat(quit).succeedsWithin(PATIENCE);
      assertThat(next)
          .failsWithin(PATIENCE)
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(QmpConnectionLostException.class);
    }
  }

  /** Keeps the loop from reading. */
  private static void hold(CountDownLatch until) {
    try {
      assertThat(until.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void messagesAreJoinedFromPartsAndSplitFromOneWrite() throws IOException {
    fake.expect("query-status").thenStaySilent();
    fake.expect("query-name").thenStaySilent();
    try (QmpConnection connection = connect()) {
      CompletableFuture<RunStatus> status =
          connection.executeAsync(new QueryCommand.QueryStatus(), PATIENCE);
      CompletableFuture<Optional<String>> name =
          connection.executeAsync(new QueryCommand.QueryName(), PATIENCE);
      await().until(() -> fake.receivedNames().contains("query-name"));
      String answers =
          "{\"return\": %s, \"id\": 2}\r\n{\"return\": {\"name\": \"vm-ü\"}, \"id\": 3}\r\n"
              .formatted(RUNNING);
      fake.send(answers.substring(0, 15));
      fake.send(answers.substring(15, 16));
      fake.send(answers.substring(16));
      assertThat(status).succeedsWithin(PATIENCE);
      assertThat(name).succeedsWithin(PATIENCE).isEqualTo(Optional.of("vm-ü"));
    }
  }

  // R29
  @Test
  void aLineBeyondTheLimitEndsTheConnection() throws IOException {
    fake.expect("query-name").thenStaySilent();
    try (QmpConnection connection = connect()) {
      CompletableFuture<Optional<String>> name =
          connection.executeAsync(new QueryCommand.QueryName(), PATIENCE);
      await().until(() -> fake.receivedNames().contains("query-name"));
      Thread flood =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    String chunk = "x".repeat(1 << 20);
                    try {
                      for (int i = 0; i < 12; i++) {
                        fake.send(chunk);
                      }
                    } catch (java.io.UncheckedIOException e) {
                      assertThat(connection.state()).isEqualTo(QmpConnection.State.CLOSED);
                    }
                  });
      assertThat(name)
          .failsWithin(PATIENCE)
          .withThrowableThat()
          .havingRootCause()
          .withMessageContaining("line of more than");
      assertThat(connection.state()).isEqualTo(QmpConnection.State.CLOSED);
      await().until(() -> !flood.isAlive());
    }
  }

  @Test
  void anAnswerOfSeveralMegabytesArrivesWhole() throws IOException {
    String big = "y".repeat(5_000_000);
    fake.expect("human-monitor-command").thenReturn("\"" + big + "\"");
    try (QmpConnection connection = connect()) {
      assertThat(connection.execute(new MonitorCommand.HumanMonitor("info qtree"))).isEqualTo(big);
    }
  }

  @Test
  void aCommandLargerThanTheSocketBufferIsWrittenInParts() throws IOException {
    String big = "z".repeat(3_000_000);
    fake.expect("human-monitor-command")
        .withArguments(arguments -> arguments.get("command-line").textValue().equals(big))
        .thenReturn("\"ok\"");
    fake.expect("query-status").thenReturn(RUNNING);
    try (QmpConnection connection = connect()) {
      CompletableFuture<String> first =
          connection.executeAsync(new MonitorCommand.HumanMonitor(big), PATIENCE);
      CompletableFuture<RunStatus> second =
          connection.executeAsync(new QueryCommand.QueryStatus(), PATIENCE);
      assertThat(first).succeedsWithin(PATIENCE).isEqualTo("ok");
      assertThat(second).succeedsWithin(PATIENCE);
    }
    fake.verify();
  }

  @Test
  void aLineThatIsNotJsonEndsTheConnection() throws IOException {
    try (QmpConnection connection = connect()) {
      fake.send("qemu: oops\r\n");
      assertThat(connection.ended()).succeedsWithin(PATIENCE).asString().contains("not JSON");
    }
  }

  @Test
  void anErrorWithoutIdEndsTheConnection() throws IOException {
    try (QmpConnection connection = connect()) {
      fake.send("{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}\r\n");
      assertThat(connection.ended())
          .succeedsWithin(PATIENCE)
          .asString()
          .contains("JSON parse error");
    }
  }

  @Test
  void eventsPassFiltersInOrderAndUnknownOnesAreEventsToo() throws IOException {
    try (QmpConnection connection = connect();
        EventSubscription all = connection.subscribe(event -> true, 16);
        EventSubscription stops = connection.subscribe(event -> event.name().equals("STOP"), 16)) {
      fake.emit("FROM_THE_FUTURE", "{\"x\": 1}");
      fake.emit("STOP", "{}");
      fake.emit("JOB_STATUS_CHANGE", "{\"id\": \"j\", \"status\": \"ready\"}");
      assertThat(nextEvents(all, 3))
          .map(QemuEvent::of)
          .satisfiesExactly(
              first -> assertThat(first).isInstanceOf(QemuEvent.Other.class),
              second -> assertThat(second).isEqualTo(new QemuEvent.Stopped()),
              third ->
                  assertThat(third)
                      .isEqualTo(new QemuEvent.JobStatusChanged("j", JobStatus.READY)));
      assertThat(nextEvents(stops, 1)).extracting(QmpEvent::name).containsExactly("STOP");
      assertThat(stops.next(Duration.ZERO)).isEmpty();
    }
  }

  @Test
  void anEventBeforeTheReplyIsSeenByASubscriptionMadeBeforeTheCommand() throws IOException {
    fake.expect("stop").emitBefore("STOP", "{}").thenReturn("{}");
    try (QmpConnection connection = connect();
        EventSubscription stops = connection.subscribe(event -> true, 1)) {
      connection.execute(new RunCommand.Stop());
      assertThat(stops.next(Duration.ZERO)).isPresent();
    }
  }

  // R6
  @Test
  void aSlowSubscriberGetsWhatFitsAndThenOverflow() throws IOException {
    fake.expect("query-status").thenReturn(RUNNING);
    try (QmpConnection connection = connect();
        EventSubscription slow = connection.subscribe(event -> true, 2)) {
      for (int i = 0; i < 5; i++) {
        fake.emit("STOP", "{}");
      }
      connection.execute(new QueryCommand.QueryStatus());
      assertThat(nextEvents(slow, 2)).hasSize(2);
      assertThat(slow.next(BRIEF)).contains(new EventSignal.Overflowed(2));
      assertThat(slow.next(BRIEF)).contains(new EventSignal.Overflowed(2));
    }
  }

  @Test
  void aSubscriptionEndsWithTheReasonOfTheDisconnect() throws IOException {
    List<EventSignal> signals = new CopyOnWriteArrayList<>();
    try (QmpConnection connection = connect();
        EventSubscription subscription = connection.subscribe(event -> true, 4)) {
      Thread.startVirtualThread(() -> subscription.drain(signals::add));
      fake.emit("STOP", "{}");
      fake.hangUp();
      await().until(() -> signals.size() == 2);
      assertThat(signals.get(0)).isInstanceOf(EventSignal.Occurred.class);
      assertThat(signals.get(1))
          .isEqualTo(new EventSignal.Disconnected("QEMU closed the connection"));
      assertThat(subscription.next(BRIEF)).contains(signals.get(1));
      assertThat(connection.subscribe(event -> true, 1).next(BRIEF)).contains(signals.get(1));
    }
  }

  @Test
  void aMonitorThatAnotherClientHoldsIsATimeout() {
    fake.greeting("");
    assertThatThrownBy(() -> QmpConnection.connect(loop, directory.resolve("qmp.sock"), BRIEF))
        .isInstanceOf(QmpTimeoutException.class)
        .hasMessageContaining("another client");
  }

  @Test
  void aQemuThatWaitsForASecondClientIsGivenOne() throws IOException {
    fake.stuckInSecondAccept();
    fake.expect("query-status").thenReturn(RUNNING);
    try (QmpConnection connection = connect()) {
      assertThat(connection.execute(new QueryCommand.QueryStatus()).running()).isTrue();
    }
    fake.verify();
  }

  @Test
  void nobodyListeningIsAnIoErrorThatNamesTheSocket() {
    assertThatThrownBy(() -> QmpConnection.connect(loop, directory.resolve("none.sock"), PATIENCE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none.sock");
  }

  @Test
  void connectingToAStartingQemuWaitsUntilItListens() throws Exception {
    Path socket = directory.resolve("later.sock");
    CompletableFuture<QmpConnection> connecting = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            connecting.complete(
                QmpConnection.connectWhenListening(loop, socket, PATIENCE, () -> true));
          } catch (IOException | RuntimeException e) {
            connecting.completeExceptionally(e);
          }
        });
    assertThat(connecting).isNotDone();
    try (FakeQemu later = FakeQemu.listening(socket, CapturedSchemas.QEMU_10_0.schema());
        QmpConnection connection = connecting.get(10, TimeUnit.SECONDS)) {
      assertThat(connection.state()).isEqualTo(QmpConnection.State.RUNNING);
      later.verify();
    }
  }

  @Test
  void connectingToAStartingQemuOutlastsThatItHangsUp() throws IOException {
    fake.rejecting(2);
    Path socket = directory.resolve("qmp.sock");
    try (QmpConnection connection =
        QmpConnection.connectWhenListening(loop, socket, PATIENCE, () -> true)) {
      assertThat(connection.state()).isEqualTo(QmpConnection.State.RUNNING);
    }
    fake.verify();
  }

  @Test
  void aQemuThatHangsUpAndIsGoneIsNotTriedAgain() {
    fake.rejecting(1);
    Path socket = directory.resolve("qmp.sock");
    assertThatThrownBy(
            () -> QmpConnection.connectWhenListening(loop, socket, PATIENCE, () -> false))
        .isInstanceOf(QmpConnectionLostException.class);
    assertThat(fake.receivedNames()).isEmpty();
  }

  @Test
  void connectingStopsTryingWhenTheProcessIsGone() {
    assertThatThrownBy(
            () ->
                QmpConnection.connectWhenListening(
                    loop, directory.resolve("none.sock"), PATIENCE, () -> false))
        .isInstanceOf(IOException.class);
  }

  @Test
  void outOfBandCommandsAreSentAsSuchWhenOffered() throws IOException {
    fake.greeting(FakeQemu.GREETING.replace("[]", "[\"oob\"]"));
    fake.expect("yank").thenReturn("{}");
    try (QmpConnection connection = connect()) {
      connection.execute(new MonitorCommand.YankBlockNodes(List.of("nbd")));
    }
    assertThat(fake.received().getLast().has("exec-oob")).isTrue();
    assertThat(fake.received().getFirst().get("arguments").get("enable").get(0).textValue())
        .isEqualTo("oob");
    fake.verify();
  }

  // R4
  @Test
  void fiftyConnectionsShareOneThreadAndOneHungQemuDelaysNoOther() throws Exception {
    List<FakeQemu> fakes = new ArrayList<>();
    List<QmpConnection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < 50; i++) {
        Path socket = directory.resolve("many-" + i);
        FakeQemu one = FakeQemu.listening(socket, CapturedSchemas.QEMU_7_2.schema());
        fakes.add(one);
        if (i > 0) {
          one.always("query-status").thenReturn(RUNNING);
        } else {
          one.always("query-status").thenStaySilent();
        }
        connections.add(QmpConnection.connect(loop, socket, PATIENCE));
      }
      CompletableFuture<RunStatus> hung =
          connections.getFirst().executeAsync(new QueryCommand.QueryStatus(), PATIENCE);
      List<CompletableFuture<RunStatus>> others =
          connections.stream()
              .skip(1)
              .map(connection -> connection.executeAsync(new QueryCommand.QueryStatus(), PATIENCE))
              .toList();
      for (CompletableFuture<RunStatus> other : others) {
        assertThat(other).succeedsWithin(PATIENCE);
      }
      assertThat(hung).isNotDone();
    } finally {
      connections.forEach(QmpConnection::close);
      fakes.forEach(FakeQemu::close);
    }
  }

  // R4
  @Test
  void noCommandOfManyThreadsIsEverLeftWaiting() throws Exception {
    fake.always("query-status").thenReturn(RUNNING);
    try (QmpConnection connection = connect()) {
      List<CompletableFuture<Integer>> workers = new ArrayList<>();
      for (int worker = 0; worker < 4; worker++) {
        CompletableFuture<Integer> answered = new CompletableFuture<>();
        workers.add(answered);
        Thread.startVirtualThread(
            () -> {
              try {
                int count = 0;
                while (count < 2000) {
                  connection.execute(new QueryCommand.QueryStatus());
                  count++;
                }
                answered.complete(count);
              } catch (QmpException e) {
                answered.completeExceptionally(e);
              }
            });
      }
      for (CompletableFuture<Integer> worker : workers) {
        assertThat(worker).succeedsWithin(Duration.ofSeconds(25)).isEqualTo(2000);
      }
    }
  }

  @Test
  void closingTheLoopEndsItsConnections() throws IOException {
    QmpConnection connection = connect();
    loop.close();
    assertThat(connection.state()).isEqualTo(QmpConnection.State.CLOSED);
    assertThatThrownBy(() -> connection.execute(new QueryCommand.QueryStatus()))
        .isInstanceOf(QmpConnectionLostException.class);
  }

  private static List<QmpEvent> nextEvents(EventSubscription subscription, int count) {
    List<QmpEvent> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      EventSignal signal = subscription.next(PATIENCE).orElseThrow();
      assertThat(signal).isInstanceOf(EventSignal.Occurred.class);
      events.add(((EventSignal.Occurred) signal).event());
    }
    return events;
  }
}
