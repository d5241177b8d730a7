package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import dev.drover.spi.activity.Activity;
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
  private final Activity activity;
  private Optional<QmpEventLoop.Timer> timer = Optional.empty();

  PendingCommand(
      long id,
      QmpCommand<?> command,
      ByteBuffer frame,
      Duration deadline,
      CompletableFuture<JsonNode> result,
      Activity activity) {
    this.id = id;
    this.command = command;
    this.frame = frame;
    this.deadline = deadline;
    this.result = result;
    this.activity = activity;
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
    activity.end(Activity.Outcome.DONE);
    result.complete(value);
  }

  void fail(QmpException failure) {
    activity.end(Activity.Outcome.FAILED);
    result.completeExceptionally(failure);
  }

  /** Its caller stops waiting. QEMU still has what was written. */
  void timedOut() {
    if (begun()) {
      activity.gaveUp();
    } else {
      activity.end(Activity.Outcome.TIMED_OUT);
    }
    result.completeExceptionally(new QmpTimeoutException(command.name(), deadline, begun()));
  }

  void connectionLost(String reason, Optional<Throwable> cause) {
    activity.end(Activity.Outcome.LOST);
    result.completeExceptionally(
        new QmpConnectionLostException(command.name(), reason, mayHaveRun(), cause));
  }
}
