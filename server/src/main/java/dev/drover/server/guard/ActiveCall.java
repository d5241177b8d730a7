package dev.drover.server.guard;

import dev.drover.server.driver.DriverConnection;
import dev.drover.spi.BlockJobs;
import dev.drover.spi.CallContext;
import dev.drover.spi.ChainRepairs;
import dev.drover.spi.Domains;
import dev.drover.spi.JobGroups;
import dev.drover.spi.Jobs;
import dev.drover.spi.Snapshots;
import dev.drover.spi.TestControl;
import dev.drover.spi.error.DriverException;
import io.grpc.Context;

/**
 * A call that has passed every guard, as the services see it.
 *
 * @param method full name of the method
 * @param uri connection URI that answers
 * @param context what the driver gets to know of the call
 * @param connection the driver chosen for it
 * @param visibility what its caller may see
 */
public record ActiveCall(
    String method,
    String uri,
    CallContext context,
    DriverConnection connection,
    Visibility visibility) {

  private static final Context.Key<ActiveCall> KEY = Context.key("drover-call");

  /**
   * The call that the current thread serves.
   *
   * @throws IllegalStateException outside a guarded call
   */
  public static ActiveCall current() {
    ActiveCall call = KEY.get();
    if (call == null) {
      throw new IllegalStateException("no guarded call on this thread");
    }
    return call;
  }

  /** A context in which {@link #current} answers this call. */
  Context in(Context parent) {
    return parent.withValue(KEY, this);
  }

  /** The facet behind DomainService, which every driver has. */
  public Domains domains() {
    return connection.driver().domains();
  }

  /** The facet behind BlockService. */
  public BlockJobs blockJobs() {
    return connection.blockJobs().orElseThrow(this::notSupported);
  }

  /** The facet behind JobService. */
  public Jobs jobs() {
    return connection.jobs().orElseThrow(this::notSupported);
  }

  /** The facet behind VerifyChain and RepairChain. */
  public ChainRepairs chainRepairs() {
    return connection.chainRepairs().orElseThrow(this::notSupported);
  }

  /** The facet behind CompleteJobs. */
  public JobGroups jobGroups() {
    return connection.jobGroups().orElseThrow(this::notSupported);
  }

  /** The facet behind SnapshotService. */
  public Snapshots snapshots() {
    return connection.snapshots().orElseThrow(this::notSupported);
  }

  /** The facet behind TestControlService. */
  public TestControl testControl() {
    return connection.testControl().orElseThrow(this::notSupported);
  }

  private DriverException notSupported() {
    return FacetGuard.notSupported(connection, method);
  }
}
