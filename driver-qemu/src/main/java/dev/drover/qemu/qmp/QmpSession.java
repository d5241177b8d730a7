package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.spi.activity.Activity;
import dev.drover.spi.activity.Work;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inside of a connection. Its fields belong to the loop thread, save the state and the list of
 * subscriptions; other threads reach it by tasks. Nothing here waits.
 */
final class QmpSession implements QmpEventLoop.ChannelHandler {
  private static final Logger logger = LoggerFactory.getLogger(QmpSession.class);

  /** A QEMU that leaves this many commands unanswered is hung; more would only cost memory. */
  private static final int MAXIMUM_UNANSWERED = 1024;

  private static final String PEER_CLOSED = "QEMU closed the connection";

  private final QmpEventLoop loop;
  private final AFUNIXSocketChannel channel;
  private final QmpParser parser = new QmpParser();
  private final LineFramer framer;
  private final StreamJobGuard streamJobs = new StreamJobGuard();
  private final CompletableFuture<QmpMessage.Greeting> greeting = new CompletableFuture<>();
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final List<EventSubscription> subscriptions = new CopyOnWriteArrayList<>();
  private final ArrayDeque<PendingCommand> queue = new ArrayDeque<>();
  private final Map<Long, PendingCommand> inFlight = new HashMap<>();
  private Optional<PendingCommand> writing = Optional.empty();
  private Optional<SelectionKey> key = Optional.empty();
  private Optional<PendingCommand> descriptorsInFlight = Optional.empty();
  private Optional<QmpEventLoop.Timer> greetingTimer = Optional.empty();
  private long nextId = 1;
  private boolean outOfBand;
  private volatile QmpConnection.State state = QmpConnection.State.NEGOTIATING;
  private volatile Subject subject = Subject.UNKNOWN;

  QmpSession(QmpEventLoop loop, AFUNIXSocketChannel channel, int lineLimit) {
    this.loop = loop;
    this.channel = channel;
    this.framer = new LineFramer(lineLimit);
  }

  /** Whose monitor it is. */
  record Subject(String domainUuid, String domainName) {
    static final Subject UNKNOWN = new Subject("", "");
  }

  QmpConnection.State state() {
    return state;
  }

  void serves(Subject known) {
    subject = known;
  }

  CompletableFuture<QmpMessage.Greeting> greeting() {
    return greeting;
  }

  CompletableFuture<String> ended() {
    return ended;
  }

  void start(Duration greetingDeadline) throws IOException {
    try {
      loop.execute(() -> register(greetingDeadline));
    } catch (RejectedExecutionException e) {
      channel.close();
      throw new IOException(e.getMessage(), e);
    }
  }

  private void register(Duration greetingDeadline) {
    try {
      key = Optional.of(loop.register(channel, this));
      greetingTimer =
          Optional.of(
              loop.schedule(
                  greetingDeadline,
                  () ->
                      greeting.completeExceptionally(
                          new QmpTimeoutException(
                              "the connection with its greeting (another client may hold this"
                                  + " monitor)",
                              greetingDeadline,
                              false))));
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  private void onLoop(Runnable task) {
    if (loop.inLoop()) {
      task.run();
      return;
    }
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      logger.debug("The QMP event loop is closed, so is everything this task was about", e);
    }
  }

  /** Accepts a command in the given state only; the answer comes as a future on the loop thread. */
  CompletableFuture<JsonNode> submit(
      QmpCommand<?> command, Duration deadline, QmpConnection.State required) {
    CompletableFuture<JsonNode> result = new CompletableFuture<>();
    Subject about = subject;
    Activity activity =
        loop.activities()
            .begin(new Work.Command(about.domainUuid(), about.domainName(), command.name()));
    try {
      loop.execute(() -> enqueue(command, deadline, required, result, activity));
    } catch (RejectedExecutionException e) {
      activity.end(Activity.Outcome.LOST);
      result.completeExceptionally(
          new QmpConnectionLostException(
              command.name(), "the daemon closes its QMP connections", false, Optional.of(e)));
    }
    return result;
  }

  private void enqueue(
      QmpCommand<?> command,
      Duration deadline,
      QmpConnection.State required,
      CompletableFuture<JsonNode> result,
      Activity activity) {
    hearAnswers();
    if (state == QmpConnection.State.CLOSED) {
      activity.end(Activity.Outcome.LOST);
      result.completeExceptionally(
          new QmpConnectionLostException(
              command.name(), ended.getNow("closed"), false, Optional.empty()));
      return;
    }
    if (state != required) {
      activity.end(Activity.Outcome.FAILED);
      result.completeExceptionally(
          new QmpRefusedException(command.name(), "the connection is " + state));
      return;
    }
    if (inFlight.size() + queue.size() >= MAXIMUM_UNANSWERED) {
      activity.end(Activity.Outcome.FAILED);
      result.completeExceptionally(
          new QmpRefusedException(
              command.name(), "QEMU has not answered %d commands".formatted(MAXIMUM_UNANSWERED)));
      return;
    }
    long id = nextId++;
    boolean overtakes = outOfBand && command.outOfBand();
    PendingCommand pending =
        new PendingCommand(id, command, frame(command, id, overtakes), deadline, result, activity);
    pending.timer(loop.schedule(deadline, () -> expire(pending)));
    if (overtakes) {
      queue.addFirst(pending);
    } else {
      queue.addLast(pending);
    }
    flush();
  }

  private ByteBuffer frame(QmpCommand<?> command, long id, boolean overtakes) {
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    message.put(overtakes ? "exec-oob" : "execute", command.name());
    ObjectNode arguments = command.arguments();
    if (!arguments.isEmpty()) {
      message.set("arguments", arguments);
    }
    message.put("id", id);
    byte[] json = parser.encode(message);
    return ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').flip();
  }

  /**
   * QEMU may have answered an earlier command and gone, as it does after a quit. Whatever it said
   * is lost with the first attempt to send more, which closes the channel, so it is read before.
   */
  private void hearAnswers() {
    if (inFlight.isEmpty()) {
      return;
    }
    try {
      readable(loop.readBuffer());
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  private void expire(PendingCommand pending) {
    pending.timedOut();
    queue.remove(pending);
  }

  private void flush() {
    try {
      while (state != QmpConnection.State.CLOSED && (writing.isPresent() || takeNext())) {
        PendingCommand current = writing.orElseThrow();
        write(current);
        if (current.frame().hasRemaining()) {
          interestInWriting(true);
          return;
        }
        writing = Optional.empty();
      }
      interestInWriting(false);
    } catch (IOException e) {
      failed(e);
    }
  }

  /** Moves the next command that may be sent from the queue to the socket. */
  private boolean takeNext() {
    while (!queue.isEmpty()) {
      // QEMU keeps the descriptors of one message only, so they must be consumed before more are
      // sent.
      if (queue.element().carriesDescriptors() && descriptorsInFlight.isPresent()) {
        return false;
      }
      PendingCommand next = queue.remove();
      Optional<String> refusal = streamJobs.refusal(next.command());
      if (refusal.isPresent()) {
        next.timer().ifPresent(loop::cancel);
        next.fail(new QmpRefusedException(next.command().name(), refusal.get()));
        continue;
      }
      streamJobs.sending(next.command());
      inFlight.put(next.id(), next);
      writing = Optional.of(next);
      if (next.carriesDescriptors()) {
        descriptorsInFlight = writing;
      }
      return true;
    }
    return false;
  }

  private void write(PendingCommand pending) throws IOException {
    if (pending.carriesDescriptors() && !pending.begun()) {
      channel.setOutboundFileDescriptors(
          pending.command().descriptors().toArray(FileDescriptor[]::new));
      channel.write(pending.frame());
      if (pending.begun()) {
        channel.setOutboundFileDescriptors();
      }
    } else {
      channel.write(pending.frame());
    }
  }

  private void interestInWriting(boolean wanted) {
    key.filter(SelectionKey::isValid)
        .ifPresent(
            present ->
                present.interestOps(
                    wanted ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ));
  }

  @Override
  public void writable() {
    flush();
  }

  @Override
  public void readable(ByteBuffer buffer) throws IOException {
    buffer.clear();
    int count = channel.read(buffer);
    if (count < 0) {
      finish(PEER_CLOSED, Optional.empty());
      return;
    }
    buffer.flip();
    framer.feed(buffer, this::line);
  }

  /** What QEMU said before it went is still in the socket. */
  @Override
  public void hungUp(ByteBuffer buffer) throws IOException {
    boolean more = true;
    while (more && state != QmpConnection.State.CLOSED) {
      readable(buffer);
      more = buffer.limit() > 0;
    }
    finish(PEER_CLOSED, Optional.empty());
  }

  private void line(byte[] bytes, int offset, int length) {
    if (state == QmpConnection.State.CLOSED) {
      return;
    }
    switch (parser.parse(bytes, offset, length)) {
      case QmpMessage.Greeting first -> {
        greetingTimer.ifPresent(loop::cancel);
        greeting.complete(first);
      }
      case QmpMessage.Reply reply -> replied(reply);
      case QmpMessage.ErrorReply error -> replied(error);
      case QmpEvent event -> occurred(event);
    }
  }

  private void replied(QmpMessage.Reply reply) {
    Optional<PendingCommand> answered = answered(reply.id());
    answered.ifPresent(
        pending -> {
          streamJobs.succeeded(pending.command(), reply.result());
          if (pending.command() instanceof MonitorCommand.Capabilities negotiated) {
            outOfBand = negotiated.outOfBand();
            state = QmpConnection.State.RUNNING;
          }
          pending.complete(reply.result());
          flush();
        });
  }

  private void replied(QmpMessage.ErrorReply error) {
    if (error.id().isEmpty()) {
      throw new QmpProtocolException(
          "QEMU could not read a command: %s (%s)"
              .formatted(error.description(), error.errorClass()));
    }
    answered(error.id())
        .ifPresent(
            pending -> {
              streamJobs.failed(pending.command());
              pending.fail(
                  new QmpCommandException(
                      pending.command().name(), error.errorClass(), error.description()));
              flush();
            });
  }

  private Optional<PendingCommand> answered(OptionalLong id) {
    Optional<PendingCommand> found =
        id.isPresent() ? Optional.ofNullable(inFlight.remove(id.getAsLong())) : Optional.empty();
    if (found.isEmpty()) {
      logger.warn("QEMU answered a command that nobody sent, id {}; dropped", id);
      return found;
    }
    PendingCommand pending = found.get();
    pending.timer().ifPresent(loop::cancel);
    if (descriptorsInFlight.equals(found)) {
      descriptorsInFlight = Optional.empty();
    }
    if (pending.abandoned()) {
      logger.info("QEMU answered {} after its deadline", pending.command().name());
    }
    return found;
  }

  private void occurred(QmpEvent event) {
    streamJobs.observe(event);
    subscriptions.removeIf(subscription -> !subscription.offer(event));
  }

  EventSubscription subscribe(Predicate<QmpEvent> filter, int capacity, Runnable arrival) {
    EventSubscription subscription =
        new EventSubscription(filter, capacity, arrival, subscriptions::remove);
    subscriptions.add(subscription);
    if (state == QmpConnection.State.CLOSED) {
      subscription.disconnected(ended.getNow("closed"));
    }
    return subscription;
  }

  void close(String reason) {
    onLoop(() -> finish(reason, Optional.empty()));
  }

  @Override
  public void failed(Throwable cause) {
    finish(Optional.ofNullable(cause.getMessage()).orElse(cause.toString()), Optional.of(cause));
  }

  private void finish(String reason, Optional<Throwable> cause) {
    if (state == QmpConnection.State.CLOSED) {
      return;
    }
    ended.complete(reason);
    state = QmpConnection.State.CLOSED;
    greetingTimer.ifPresent(loop::cancel);
    key.ifPresent(SelectionKey::cancel);
    try {
      channel.close();
    } catch (IOException e) {
      logger.warn("Closing a QMP socket failed", e);
    }
    greeting.completeExceptionally(
        new QmpConnectionLostException("the negotiation", reason, false, cause));
    List<PendingCommand> waiting = new ArrayList<>(inFlight.values());
    waiting.addAll(queue);
    inFlight.clear();
    queue.clear();
    writing = Optional.empty();
    for (PendingCommand pending : waiting) {
      pending.timer().ifPresent(loop::cancel);
      pending.connectionLost(reason, cause);
    }
    for (EventSubscription subscription : subscriptions) {
      subscription.disconnected(reason);
    }
    subscriptions.clear();
  }
}
