package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A command on its way: in the queue, in flight, or abandoned by its caller. Loop thread only. */
final class PendingCommand {
  private final long id;
  private final QmpCommand<?> command;
  private final ByteBuffer frame;
  private final Duration deadline;
  private final CompletableFuture<JsonNode> result;
  private Optional<QmpEventLoop.Timer> timer = Optional.empty();

  PendingCommand(
      long id,
      QmpCommand<?> command,
      ByteBuffer frame,
      Duration deadline,
      CompletableFuture<JsonNode> result) {
    this.id = id;
    this.command = command;
    this.frame = frame;
    this.deadline = deadline;
    this.result = result;
  }

  long id() {
    return id;
  }

  QmpCommand<?> command() {
    return command;
  }

  ByteBuffer frame() {
    return frame;
  }

  boolean carriesDescriptors() {
    return !command.descriptors().isEmpty();
  }

  /** Whether any byte has been written. */
  boolean begun() {
    return frame.position() > 0;
  }

  /** QEMU can have understood the command only if all of it was written. */
  boolean mayHaveRun() {
    return !frame.hasRemaining();
  }

  void timer(QmpEventLoop.Timer started) {
    timer = Optional.of(started);
  }

  Optional<QmpEventLoop.Timer> timer() {
    return timer;
  }

  boolean abandoned() {
    return result.isDone();
  }

  void complete(JsonNode value) {
    result.complete(value);
  }

  void fail(QmpException failure) {
    result.completeExceptionally(failure);
  }

  void timedOut() {
    fail(new QmpTimeoutException(command.name(), deadline, begun()));
  }

  void connectionLost(String reason, Optional<Throwable> cause) {
    fail(new QmpConnectionLostException(command.name(), reason, mayHaveRun(), cause));
  }
}
