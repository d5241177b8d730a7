package dev.drover.client;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A channel that is made when it is first used, for a connection that may not need it. */
final class LateChannel extends ManagedChannel {
  private final Supplier<Transport> maker;
  private Optional<Transport> made = Optional.empty();
  private boolean shutdown;

  LateChannel(Supplier<Transport> maker) {
    this.maker = maker;
  }

  /** The channel; one that is made after the end has ended too, and says so to its calls. */
  private synchronized ManagedChannel channel() {
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
  public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
    return channel().newCall(method, options);
  }

  @Override
  public String authority() {
    return channel().authority();
  }

  @Override
  public ConnectivityState getState(boolean requestConnection) {
    return channel().getState(requestConnection);
  }

  @Override
  public void notifyWhenStateChanged(ConnectivityState source, Runnable callback) {
    channel().notifyWhenStateChanged(source, callback);
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
