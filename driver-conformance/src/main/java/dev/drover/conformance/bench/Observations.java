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

/**
 * What a run has seen: the methods whose work it has seen and the reasons it provoked, in calls and
 * in jobs.
 */
public final class Observations implements ClientInterceptor {

  private final Set<String> methods = new ConcurrentSkipListSet<>();
  private final Set<ErrorReason> reasons = new ConcurrentSkipListSet<>();

  /** Makes an empty record. */
  public Observations() {}

  /**
   * Full names of the methods that answered, for example {@code drover.v1.JobService/GetJob}, or
   * that the driver does not support. A call that was refused for any other reason has shown
   * nothing of what its method does.
   */
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
    return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        super.start(new Watcher<>(method.getFullMethodName(), listener), headers);
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

    private final String method;

    Watcher(String method, ClientCall.Listener<R> listener) {
      super(listener);
      this.method = method;
    }

    @Override
    public void onMessage(R received) {
      methods.add(method);
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
        Status told = StatusProto.fromStatusAndTrailers(status, trailers);
        failed(told);
        if (told != null
            && Refusal.reasonOf(told)
                .filter(ErrorReason.ERROR_REASON_NOT_SUPPORTED::equals)
                .isPresent()) {
          methods.add(method);
        }
      }
      super.onClose(status, trailers);
    }
  }
}
