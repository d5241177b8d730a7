package dev.drover.client;

import io.grpc.ManagedChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A channel that is made when it is first used, for a connection that may not need it. */
final class LateChannel extends StandInChannel {
  private final Supplier<Transport> maker;
  private Optional<Transport> made = Optional.empty();
  private boolean shutdown;

  LateChannel(Supplier<Transport> maker) {
    this.maker = maker;
  }

  /** The channel; one that is made after the end has ended too, and says so to its calls. */
  @Override
  synchronized ManagedChannel current() {
    if (made.isEmpty()) {
      made = Optional.of(maker.get());
      if (shutdown) {
        made.get().channel().shutdownNow();
      }
    }
    return made.get().channel();
  }

  private synchronized Optional<Transport> made() {
    return made;
  }

  /** Frees what the channel ran on, after it was shut down. */
  void release() {
    made().ifPresent(transport -> transport.release().run());
  }

  @Override
  public void resetConnectBackoff() {
    made().ifPresent(transport -> transport.channel().resetConnectBackoff());
  }

  @Override
  public void enterIdle() {
    made().ifPresent(transport -> transport.channel().enterIdle());
  }

  @Override
  public synchronized ManagedChannel shutdown() {
    shutdown = true;
    made.ifPresent(transport -> transport.channel().shutdown());
    return this;
  }

  @Override
  public synchronized ManagedChannel shutdownNow() {
    shutdown = true;
    made.ifPresent(transport -> transport.channel().shutdownNow());
    return this;
  }

  @Override
  public synchronized boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return isShutdown() && made().map(transport -> transport.channel().isTerminated()).orElse(true);
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    Optional<Transport> current = made();
    return current.isEmpty()
        ? isShutdown()
        : current.get().channel().awaitTermination(timeout, unit);
  }
}
