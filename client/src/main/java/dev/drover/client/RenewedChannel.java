package dev.drover.client;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
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
final class RenewedChannel extends StandInChannel {
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

  @Override
  synchronized ManagedChannel current() {
    return channels.getLast();
  }

  private synchronized List<ManagedChannel> all() {
    return List.copyOf(channels);
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
