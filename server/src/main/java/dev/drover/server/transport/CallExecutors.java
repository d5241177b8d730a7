package dev.drover.server.transport;

import dev.drover.server.guard.MethodRule;
import dev.drover.server.guard.RuleTable;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;

/**
 * Chooses where a call runs: one that answers from the model on the event loop, which is twice as
 * fast, and one that may block on a virtual thread of its own.
 */
public final class CallExecutors implements ServerCallExecutorSupplier {

  /** Reading calls that do more than look at the model. */
  private static final Set<String> BLOCKING =
      Set.of(
          "drover.v1.BlockService/GetBackingChain",
          "drover.v1.BlockService/VerifyChain",
          "drover.v1.HostService/InspectWaits",
          "drover.v1.JobService/WaitJob",
          "drover.testing.v1.TestControlService/ReadImage");

  private final RuleTable rules;
  private final ExecutorService blocking;

  /** Makes the choice from the rules of the methods. */
  @Inject
  public CallExecutors(RuleTable rules, ExecutorService blocking) {
    this.rules = rules;
    this.blocking = blocking;
  }

  @Override
  public <Q, R> Executor getExecutor(ServerCall<Q, R> call, Metadata headers) {
    String method = call.getMethodDescriptor().getFullMethodName();
    Optional<MethodRule> rule = rules.rule(method);
    boolean reads = rule.isPresent() && rule.get().drover() && !rule.get().mutates();
    return reads && !BLOCKING.contains(method) ? Runnable::run : blocking;
  }
}
