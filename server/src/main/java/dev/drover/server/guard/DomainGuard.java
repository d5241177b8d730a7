package dev.drover.server.guard;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.drover.server.access.DomainTraits;
import dev.drover.server.access.Grant;
import dev.drover.server.access.PermissionPolicy;
import dev.drover.server.driver.DriverConnection;
import dev.drover.spi.Caller;
import dev.drover.spi.Jobs;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.NotFound;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Job;
import dev.drover.v1.ListDomainsRequest;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.WatchRequest;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Holds callers whose permission is limited to some domains to those (R23). It looks at the model
 * when the call comes in. What such a caller may not even read answers as if it were not there;
 * what the caller may read but not change answers PERMISSION_DENIED. A request that names no domain
 * is refused, unless its service shows only what the caller may see.
 */
final class DomainGuard {

  private final PermissionPolicy policy;

  DomainGuard(PermissionPolicy policy) {
    this.policy = policy;
  }

  /**
   * Lets a request through.
   *
   * @return empty: it may run; else the failure that it ends with unless the ledger has its answer,
   *     since what it names is not there now and must not be touched if it comes to be there
   * @throws DriverException PERMISSION_DENIED, DOMAIN_NOT_FOUND, JOB_NOT_FOUND
   */
  Optional<DriverException> check(
      Message request, Caller caller, String permission, DriverConnection connection) {
    return switch (policy.grant(caller, permission)) {
      case Grant.Everywhere _ -> Optional.empty();
      case Grant.Nothing _ -> throw Denial.of(caller, permission);
      case Grant.Within within ->
          new Check(
                  within,
                  caller,
                  permission,
                  connection,
                  new Visibility(policy, caller, connection.driver().domains()))
              .request(request);
    };
  }

  /** One request of a limited caller. */
  private record Check(
      Grant.Within grant,
      Caller caller,
      String permission,
      DriverConnection connection,
      Visibility visibility) {

    Optional<DriverException> request(Message request) {
      return switch (request) {
        case ListDomainsRequest _, ListJobsRequest _, WatchRequest _ -> Optional.empty();
        case DefineDomainRequest define -> spec(define.getSpec());
        case CreateDomainRequest create -> spec(create.getSpec());
        case CompleteJobsRequest complete ->
            complete.getJobIdsList().stream()
                .flatMap(id -> job(id).stream())
                .reduce((first, _) -> first);
        default -> subject(request);
      };
    }

    private Optional<DriverException> subject(Message request) {
      FieldDescriptor domain = request.getDescriptorForType().findFieldByName("domain");
      if (domain != null && request.getField(domain) instanceof DomainRef ref) {
        return domain(ref);
      }
      String job = RequestSubject.of(request).job();
      if (job.isEmpty()) {
        throw Denial.of(caller, permission);
      }
      return job(job);
    }

    private Optional<DriverException> domain(DomainRef ref) {
      Optional<Domain> found = visibility.find(ref);
      if (found.isEmpty()) {
        return Optional.of(NotFound.domain(ref));
      }
      Domain domain = found.get();
      if (!grant.covers(DomainTraits.of(domain))) {
        throw visibility.sees(domain)
            ? Denial.on(caller, permission, domain.getSpec().getName())
            : NotFound.domain(ref);
      }
      return Optional.empty();
    }

    private Optional<DriverException> job(String id) {
      Optional<Job> found = connection.jobs().flatMap((Jobs jobs) -> jobs.get(id));
      if (found.isEmpty()) {
        return Optional.of(NotFound.job(id));
      }
      Job job = found.get();
      if (!grant.covers(visibility.traits(job))) {
        throw visibility.sees(job)
            ? Denial.on(caller, permission, job.getDomainName())
            : NotFound.job(id);
      }
      return Optional.empty();
    }

    /** What is there by that name or uuid, and what would be there afterwards. */
    private Optional<DriverException> spec(DomainSpec spec) {
      Stream<DomainTraits> there =
          Stream.of(
                  DomainRef.newBuilder().setName(spec.getName()).build(),
                  DomainRef.newBuilder().setUuid(spec.getUuid()).build())
              .flatMap(ref -> visibility.find(ref).stream())
              .map(DomainTraits::of);
      if (!Stream.concat(there, Stream.of(DomainTraits.of(spec))).allMatch(grant::covers)) {
        throw Denial.on(caller, permission, spec.getName());
      }
      return Optional.empty();
    }
  }
}
