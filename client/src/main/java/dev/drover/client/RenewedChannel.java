package dev.drover.client;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A channel that connects only for a call. gRPC's own, left to itself after a failed connection,
 * goes on to try, which for ssh means to log in again and again where it is not let in, without
 * anybody having asked. So a channel that could not connect gives way to a new one, which waits for
 * the next call.
 */
final class RenewedChannel extends ManagedChannel {
  private final Supplier<ManagedChannel> maker;

  /** The current one is the last; those before it end with their calls. */
  private final List<ManagedChannel> channels = new ArrayList<>();

  private boolean shutdown;

  RenewedChannel(Supplier<ManagedChannel> maker) {
    this.maker = maker;
    add();
  }

  private synchronized void add() {
    ManagedChannel channel = maker.get();
    channels.removeIf(ManagedChannel::isTerminated);
    channels.add(channel);
    watch(channel);
  }

  private void watch(ManagedChannel channel) {
    ConnectivityState state = channel.getState(false);
    switch (state) {
      case SHUTDOWN -> {}
      case TRANSIENT_FAILURE -> renew(channel);
      case IDLE, CONNECTING, READY -> channel.notifyWhenStateChanged(state, () -> watch(channel));
    }
  }

  private synchronized void renew(ManagedChannel failed) {
    if (!shutdown) {
      add();
      failed.shutdown();
    }
  }

  private synchronized ManagedChannel current() {
    return channels.getLast();
  }

  private synchronized List<ManagedChannel> all() {
    return List.copyOf(channels);
  }

  @Override
  public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
    return current().newCall(method, options);
  }

  @Override
  public String authority() {
    return current().authority();
  }

  @Override
  public ConnectivityState getState(boolean requestConnection) {
    return current().getState(requestConnection);
  }

  @Override
  public void notifyWhenStateChanged(ConnectivityState source, Runnable callback) {
    current().notifyWhenStateChanged(source, callback);
  }

  /** There is never anything to reset: a new channel connects at once. */
  @Override
  public void resetConnectBackoff() {}

  @Override
  public void enterIdle() {
    current().enterIdle();
  }

  @Override
  public synchronized ManagedChannel shutdown() {
    shutdown = true;
    channels.forEach(ManagedChannel::shutdown);
    return this;
  }

  @Override
  public synchronized ManagedChannel shutdownNow() {
    shutdown = true;
    channels.forEach(ManagedChannel::shutdownNow);
    return this;
  }

  @Override
  public synchronized boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return isShutdown() && all().stream().allMatch(ManagedChannel::isTerminated);
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long end = System.nanoTime() + unit.toNanos(timeout);
    for (ManagedChannel channel : all()) {
      channel.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
    return isTerminated();
  }
}
