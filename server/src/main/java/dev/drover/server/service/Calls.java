package dev.drover.server.service;

import dev.drover.server.guard.ActiveCall;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/** The one shape of a unary call: the guards have passed, the driver answers or throws. */
final class Calls {

  private Calls() {}

  /** Answers with what a function makes of the current call; what it throws goes to the guards. */
  static <R> void answer(StreamObserver<R> client, Function<ActiveCall, R> answer) {
    R response = answer.apply(ActiveCall.current());
    client.onNext(response);
    client.onCompleted();
  }
}
