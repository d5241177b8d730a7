package dev.drover.server.guard;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.drover.server.access.Grant;
import dev.drover.server.access.Permission;
import dev.drover.server.access.PermissionPolicy;
import dev.drover.server.argument.ArgumentRules;
import dev.drover.server.config.DaemonConfig.Limits;
import dev.drover.server.driver.DriverConnection;
import dev.drover.server.driver.DriverRegistry;
import dev.drover.server.ledger.Digest;
import dev.drover.server.ledger.RequestKey;
import dev.drover.server.ledger.RequestLedger;
import dev.drover.server.watch.Timers;
import dev.drover.spi.Caller;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.ErrorReason;
import io.grpc.Metadata;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The guards that look at the request: limits, unknown fields, arguments, driver, facet, domain,
 * deadline.
 */
public final class RequestAdmission {

  private static final String ARGUMENTS_PERMISSION = Permission.DOMAIN_QEMU_ARGS.text();
  private static final String COPY_PERMISSION = Permission.DOMAIN_BLOCK_WRITE.text();

  private final Limits limits;
  private final PermissionPolicy policy;
  private final DomainGuard domains;
  private final ArgumentRules arguments;
  private final DriverRegistry drivers;
  private final RequestLedger ledger;
  private final InstantSource clock;
  private final Timers timers;

  /** Makes the guards. */
  @Inject
  public RequestAdmission(
      Limits limits,
      PermissionPolicy policy,
      ArgumentRules arguments,
      DriverRegistry drivers,
      RequestLedger ledger,
      InstantSource clock,
      Timers timers) {
    this.limits = limits;
    this.policy = policy;
    this.domains = new DomainGuard(policy);
    this.arguments = arguments;
    this.drivers = drivers;
    this.ledger = ledger;
    this.clock = clock;
    this.timers = timers;
  }

  /**
   * Lets a request through to a driver.
   *
   * @param patience how long the client waits, where it said so
   * @throws DriverException of the first guard that refuses
   */
  Admitted admit(
      Message request,
      Metadata headers,
      Caller caller,
      MethodRule rule,
      Optional<Duration> patience) {
    size(request);
    UnknownFields.refuse(request);
    arguments(request, caller);
    DriverConnection connection = drivers.resolve(ClientMetadata.uri(headers));
    FacetGuard.check(connection, rule, request);
    Optional<DriverException> absent =
        domains
            .check(request, caller, rule.permission(), connection)
            .or(() -> copies(request, caller, connection));
    String uri = ClientMetadata.uri(headers).orElse(drivers.defaultUri());
    return new Admitted(
        uri,
        connection,
        deadline(rule, patience),
        absent,
        new Visibility(policy, caller, connection.driver().domains()));
  }

  /** A copy that begins with a snapshot is a block job, whoever may make snapshots (R23). */
  private Optional<DriverException> copies(
      Message request, Caller caller, DriverConnection connection) {
    return request instanceof CreateSnapshotRequest create && create.getCopiesCount() > 0
        ? domains.check(request, caller, COPY_PERMISSION, connection)
        : Optional.empty();
  }

  private void size(Message request) {
    int size = request.getSerializedSize();
    if (size > limits.messageBytes()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_LIMIT_EXCEEDED,
          "the request has " + size + " bytes; the most is " + limits.messageBytes(),
          "limit",
          "message_bytes",
          "maximum",
          Integer.toString(limits.messageBytes()));
    }
  }

  private void arguments(Message request, Caller caller) {
    arguments.check(request);
    boolean qemuArguments =
        switch (request) {
          case DefineDomainRequest define -> define.getSpec().getQemuArgsCount() > 0;
          case CreateDomainRequest create -> create.getSpec().getQemuArgsCount() > 0;
          default -> false;
        };
    if (qemuArguments
        && !(policy.grant(caller, ARGUMENTS_PERMISSION) instanceof Grant.Everywhere)) {
      throw Denial.of(caller, ARGUMENTS_PERMISSION);
    }
  }

  private Instant deadline(MethodRule rule, Optional<Duration> patience) {
    Instant now = clock.instant();
    Instant latest = now.plus(limits.maximumDeadline());
    Instant otherwise = rule.endless() ? latest : now.plus(limits.defaultDeadline());
    Instant chosen = patience.map(now::plus).orElse(otherwise);
    return chosen.isBefore(latest) ? chosen : latest;
  }

  /**
   * Ends a call a moment after its deadline where neither driver nor client has done so (R10).
   *
   * @return gives the task up
   */
  Timers.Pending enforce(Instant deadline, Runnable end) {
    Duration left = Duration.between(clock.instant(), deadline);
    return timers.after(left.plusMillis(100), end);
  }

  /**
   * Asks the ledger whether a mutating request with a request id is to run (R7).
   *
   * @return empty where the request has no id, or changes nothing because it only validates
   */
  Optional<RequestLedger.Entry> enter(
      Message request, Caller caller, MethodRule rule, Admitted admitted) {
    RequestSubject subject = RequestSubject.of(request);
    String requestId = subject.requestId();
    if (!rule.mutates() || requestId.isEmpty() || subject.validateOnly()) {
      return Optional.empty();
    }
    RequestKey key =
        new RequestKey(
            caller.principal(), admitted.connection().scheme(), rule.method(), requestId);
    ByteString bytes = Digest.deterministic(request);
    return Optional.of(ledger.enter(key, bytes, admitted.deadline()));
  }

  /**
   * A request that may go to its driver.
   *
   * @param uri connection URI that answers
   * @param connection the driver
   * @param deadline when every wait for it ends
   * @param absent the failure it ends with unless the ledger has its answer; empty: it may run
   * @param visibility what its caller may see
   */
  record Admitted(
      String uri,
      DriverConnection connection,
      Instant deadline,
      Optional<DriverException> absent,
      Visibility visibility) {

    /**
     * Lets the service begin.
     *
     * @throws DriverException DOMAIN_NOT_FOUND, JOB_NOT_FOUND
     */
    void run() {
      if (absent.isPresent()) {
        throw absent.get();
      }
    }
  }
}
