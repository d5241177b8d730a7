package dev.drover.conformance.bench;

import com.google.protobuf.Message;
import com.google.rpc.Status;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.ForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.StatusProto;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/** What a run has seen: the methods it called and the reasons it provoked, in calls and in jobs. */
public final class Observations implements ClientInterceptor {

  private final Set<String> methods = new ConcurrentSkipListSet<>();
  private final Set<ErrorReason> reasons = new ConcurrentSkipListSet<>();

  /** Makes an empty record. */
  public Observations() {}

  /** Full names of the methods called, for example {@code drover.v1.JobService/GetJob}. */
  public Set<String> methods() {
    return Set.copyOf(methods);
  }

  /** Reasons received. */
  public Set<ErrorReason> reasons() {
    return Set.copyOf(reasons);
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    methods.add(method.getFullMethodName());
    return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        super.start(new Watcher<>(listener), headers);
      }
    };
  }

  private void failed(@Nullable Status status) {
    if (status != null) {
      Refusal.reasonOf(status).ifPresent(reasons::add);
    }
  }

  private final class Watcher<R>
      extends ForwardingClientCallListener.SimpleForwardingClientCallListener<R> {

    Watcher(ClientCall.Listener<R> listener) {
      super(listener);
    }

    @Override
    public void onMessage(R received) {
      if (received instanceof Message message) {
        message.getAllFields().values().stream()
            .filter(Job.class::isInstance)
            .map(Job.class::cast)
            .filter(Job::hasError)
            .forEach(job -> failed(job.getError()));
      }
      super.onMessage(received);
    }

    @Override
    public void onClose(io.grpc.Status status, Metadata trailers) {
      if (!status.isOk()) {
        failed(StatusProto.fromStatusAndTrailers(status, trailers));
      }
      super.onClose(status, trailers);
    }
  }
}
