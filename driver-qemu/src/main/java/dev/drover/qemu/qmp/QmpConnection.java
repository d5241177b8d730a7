package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * A negotiated QMP connection to one QEMU. QEMU serves one client per socket at a time. Methods may
 * be called from any thread; those that wait are meant for virtual threads. Commands are written in
 * the order in which they are given, out-of-band ones first.
 *
 * <p>Every call of {@code execute} ends within its deadline in exactly one way: the result, or a
 * {@link QmpException} whose type says what is known. A connection that is lost stays lost; make a
 * new one, look at QEMU, and go on.
 */
public final class QmpConnection implements AutoCloseable {
  /** Slack for waking up; the deadline itself is kept on the loop thread. */
  private static final Duration WAKE_UP = Duration.ofSeconds(2);

  private final QmpSession session;
  private final QmpMessage.Greeting greeting;
  private final PeerCredentials peer;

  private QmpConnection(QmpSession session, QmpMessage.Greeting greeting, PeerCredentials peer) {
    this.session = session;
    this.greeting = greeting;
    this.peer = peer;
  }

  /** Where a connection stands. */
  public enum State {
    /** Waiting for the greeting, or negotiating. */
    NEGOTIATING,
    /** Commands may be sent. */
    RUNNING,
    /** Over; final. */
    CLOSED
  }

  /**
   * Connects to a QEMU that is listening, and negotiates. Rolls back completely on failure.
   *
   * @param loop thread that serves the connection
   * @param socket path of the monitor's unix socket
   * @param deadline for all of it
   * @throws IOException when nobody listens there or the path is not a socket
   * @throws QmpTimeoutException when no greeting comes: another client holds the monitor, or QEMU
   *     is stuck
   * @throws QmpConnectionLostException when QEMU goes away meanwhile
   */
  public static QmpConnection connect(QmpEventLoop loop, Path socket, Duration deadline)
      throws IOException {
    return QmpConnector.connect(loop, socket, deadline);
  }

  /**
   * Connects to a QEMU that is starting: tries again until it listens and negotiates without
   * hanging up, it is gone, or the deadline has passed.
   *
   * @param loop thread that serves the connection
   * @param socket path of the monitor's unix socket
   * @param deadline for all of it
   * @param alive whether the process still lives; when it does not, the last failure is thrown at
   *     once
   * @throws IOException when nobody listened there until the end
   * @throws QmpTimeoutException when no greeting comes
   * @throws QmpConnectionLostException when QEMU goes away meanwhile, or hung up until the end
   */
  public static QmpConnection connectWhenListening(
      QmpEventLoop loop, Path socket, Duration deadline, BooleanSupplier alive) throws IOException {
    return QmpConnector.connectWhenListening(loop, socket, deadline, alive);
  }

  static QmpConnection negotiate(QmpSession session, PeerCredentials peer, Duration deadline) {
    try {
      QmpMessage.Greeting greeting =
          await("the connection with its greeting", session.greeting(), deadline);
      boolean outOfBand = greeting.capabilities().contains("oob");
      MonitorCommand.Capabilities capabilities = new MonitorCommand.Capabilities(outOfBand);
      await(
          capabilities.name(),
          session.submit(capabilities, deadline, QmpConnection.State.NEGOTIATING),
          deadline);
      return new QmpConnection(session, greeting, peer);
    } catch (RuntimeException e) {
      session.close("the negotiation failed: " + e.getMessage());
      throw e;
    }
  }

  /**
   * Sends a command and waits for its result, at most as long as the deadline table says.
   *
   * @throws QmpCommandException when QEMU refused it
   * @throws QmpTimeoutException when QEMU did not answer in time
   * @throws QmpConnectionLostException when the connection ended first
   * @throws QmpRefusedException when it would crash QEMU or the connection is not running
   * @throws QmpProtocolException when the answer lacks what the schema promises
   * @throws QmpInterruptedException when the thread is interrupted
   */
  public <R> R execute(QmpCommand<R> command) {
    return execute(command, command.deadline().duration());
  }

  /** {@link #execute(QmpCommand)} with a deadline of the caller's. */
  public <R> R execute(QmpCommand<R> command, Duration deadline) {
    return send(command, deadline).await();
  }

  /**
   * Sends a command whose answer is awaited later. What one thread sends is carried out in the
   * order in which it was sent, whatever becomes of the commands before.
   */
  public <R> QmpAnswer<R> send(QmpCommand<R> command, Duration deadline) {
    CompletableFuture<JsonNode> result = session.submit(command, deadline, State.RUNNING);
    return () -> command.decode(await(command.name(), result, deadline));
  }

  /**
   * {@link #execute(QmpCommand, Duration)}, but with the answer as QEMU sent it; for keeping it.
   */
  public JsonNode executeUndecoded(QmpCommand<?> command, Duration deadline) {
    return await(command.name(), session.submit(command, deadline, State.RUNNING), deadline);
  }

  /**
   * {@link #execute(QmpCommand)} without waiting; see {@link #executeAsync(QmpCommand, Duration)}.
   */
  public <R> CompletableFuture<R> executeAsync(QmpCommand<R> command) {
    return executeAsync(command, command.deadline().duration());
  }

  /**
   * Sends a command. The future completes on a virtual thread, with the result or with one of the
   * exceptions of {@link #execute(QmpCommand)}; it always completes within the deadline.
   */
  public <R> CompletableFuture<R> executeAsync(QmpCommand<R> command, Duration deadline) {
    return session
        .submit(command, deadline, State.RUNNING)
        .thenApplyAsync(command::decode, Thread::startVirtualThread);
  }

  /**
   * Subscribes to events from now on. Subscribe before sending the command whose events matter.
   *
   * @param filter runs on the loop thread; must be quick and must not wait
   * @param capacity how many events may wait for the consumer
   * @return a subscription that is already over when the connection is
   */
  public EventSubscription subscribe(Predicate<QmpEvent> filter, int capacity) {
    return subscribe(filter, capacity, () -> {});
  }

  /**
   * {@link #subscribe(Predicate, int)} for a consumer that waits for other things too.
   *
   * @param arrival runs whenever there is a signal to fetch, mostly on the loop thread; must be
   *     quick and must not wait
   */
  public EventSubscription subscribe(Predicate<QmpEvent> filter, int capacity, Runnable arrival) {
    return session.subscribe(filter, capacity, arrival);
  }

  /** The process that listens on the other side. */
  public PeerCredentials peer() {
    return peer;
  }

  /**
   * Says whose monitor it is, so that commands from now on are shown with their domain.
   *
   * @param domainUuid uuid of the domain
   * @param domainName name of the domain
   */
  public void serves(String domainUuid, String domainName) {
    session.serves(new QmpSession.Subject(domainUuid, domainName));
  }

  /** Version of the QEMU that answers; to show, not to decide by. */
  public QemuVersion version() {
    return greeting.version();
  }

  /** Where the connection stands. */
  public State state() {
    return session.state();
  }

  /**
   * Completes when the connection has ended, with the reason; on a virtual thread. For noticing
   * that QEMU has gone.
   */
  public CompletableFuture<String> ended() {
    return session.ended().thenApplyAsync(reason -> reason, Thread::startVirtualThread);
  }

  /** Ends the connection; commands in flight fail. QEMU goes on. Closing twice does nothing. */
  @Override
  public void close() {
    session.close("closed by this side");
  }

  private static <T> T await(String what, CompletableFuture<T> future, Duration deadline) {
    try {
      return future.get(deadline.plus(WAKE_UP).toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QmpInterruptedException(what, e);
    } catch (TimeoutException e) {
      throw new QmpTimeoutException(what, deadline, true);
    } catch (ExecutionException e) {
      throw rethrown(e);
    }
  }

  /**
   * A new exception of the same kind, so that its trace shows the caller and not the loop thread.
   */
  private static RuntimeException rethrown(ExecutionException failure) {
    Throwable cause = Optional.ofNullable(failure.getCause()).orElse(failure);
    RuntimeException copy =
        switch (cause) {
          case QmpCommandException e ->
              new QmpCommandException(e.command(), e.errorClass(), e.description());
          case QmpConnectionLostException e ->
              new QmpConnectionLostException(
                  e.command(), e.reason(), e.mayHaveRun(), Optional.ofNullable(e.getCause()));
          case QmpTimeoutException e ->
              new QmpTimeoutException(e.command(), e.deadline(), e.mayHaveRun());
          case QmpRefusedException e -> e;
          case RuntimeException e -> e;
          default -> new CompletionException(cause);
        };
    return copy;
  }
}
