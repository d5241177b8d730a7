package dev.drover.client;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;

/** A channel that stands for another, which it may make late or change for a new one. */
abstract class StandInChannel extends ManagedChannel {

  /** The channel that carries calls at the moment. */
  abstract ManagedChannel current();

  @Override
  public final <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
    return current().newCall(method, options);
  }

  @Override
  public final String authority() {
    return current().authority();
  }

  @Override
  public final ConnectivityState getState(boolean requestConnection) {
    return current().getState(requestConnection);
  }

  @Override
  public final void notifyWhenStateChanged(ConnectivityState source, Runnable callback) {
    current().notifyWhenStateChanged(source, callback);
  }
}
