package dev.drover.server.service;

import dev.drover.server.access.Permission;
import dev.drover.server.guard.ActiveCall;
import dev.drover.server.service.Paging.Page;
import dev.drover.server.service.Paging.Place;
import dev.drover.server.watch.JobStreams;
import dev.drover.spi.Jobs;
import dev.drover.spi.error.NotFound;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CancelJobResponse;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CompleteJobResponse;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.GetJobRequest;
import dev.drover.v1.GetJobResponse;
import dev.drover.v1.Job;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.ListJobsResponse;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.ResumeJobResponse;
import dev.drover.v1.SetJobSpeedRequest;
import dev.drover.v1.SetJobSpeedResponse;
import dev.drover.v1.WaitJobRequest;
import dev.drover.v1.WaitJobResponse;
import dev.drover.v1.WatchJobRequest;
import dev.drover.v1.WatchJobResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Inject;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** {@code drover.v1.JobService} on the driver's {@link Jobs} and its events. */
public final class JobService extends JobServiceGrpc.JobServiceImplBase {

  private static final long NANOS = 1_000_000_000L;

  private final JobStreams streams;

  /** Makes the service. */
  @Inject
  public JobService(JobStreams streams) {
    this.streams = streams;
  }

  @Override
  public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> client) {
    Calls.answer(
        client,
        call -> GetJobResponse.newBuilder().setJob(look(call, request.getJobId()).get()).build());
  }

  @Override
  public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> client) {
    Calls.answer(
        client,
        call -> {
          Predicate<Job> matcher = matcher(call, request.getFilter());
          List<Job> chosen =
              call.jobs().list().stream().filter(matcher).filter(call.visibility()::sees).toList();
          Page<Job> page =
              Paging.page(
                  chosen,
                  JobService::newestFirst,
                  request.getFilter(),
                  request.getPageSize(),
                  request.getPageToken());
          return ListJobsResponse.newBuilder()
              .addAllJobs(page.items())
              .setNextPageToken(page.next())
              .build();
        });
  }

  @Override
  public void watchJob(WatchJobRequest request, StreamObserver<WatchJobResponse> client) {
    ActiveCall call = ActiveCall.current();
    streams.stream(
        call.connection().events(),
        look(call, request.getJobId()),
        (ServerCallStreamObserver<WatchJobResponse>) client);
  }

  @Override
  public void waitJob(WaitJobRequest request, StreamObserver<WaitJobResponse> client) {
    Calls.answer(
        client,
        call ->
            WaitJobResponse.newBuilder()
                .setJob(
                    streams.await(
                        call.connection().events(),
                        look(call, request.getJobId()),
                        request.getUntilReady() ? JobStreams::needsSomebody : JobStreams::ended,
                        call.context().deadline()))
                .build());
  }

  @Override
  public void cancelJob(CancelJobRequest request, StreamObserver<CancelJobResponse> client) {
    Calls.answer(
        client,
        call ->
            CancelJobResponse.newBuilder()
                .setJob(call.jobs().cancel(call.context(), request))
                .build());
  }

  @Override
  public void completeJob(CompleteJobRequest request, StreamObserver<CompleteJobResponse> client) {
    Calls.answer(
        client,
        call ->
            CompleteJobResponse.newBuilder()
                .setJob(call.jobs().complete(call.context(), request))
                .build());
  }

  @Override
  public void completeJobs(
      CompleteJobsRequest request, StreamObserver<CompleteJobsResponse> client) {
    Calls.answer(client, call -> call.jobGroups().complete(call.context(), request));
  }

  @Override
  public void resumeJob(ResumeJobRequest request, StreamObserver<ResumeJobResponse> client) {
    Calls.answer(
        client,
        call ->
            ResumeJobResponse.newBuilder()
                .setJob(call.jobs().resume(call.context(), request))
                .build());
  }

  @Override
  public void setJobSpeed(SetJobSpeedRequest request, StreamObserver<SetJobSpeedResponse> client) {
    Calls.answer(
        client,
        call ->
            SetJobSpeedResponse.newBuilder()
                .setJob(call.jobs().setSpeed(call.context(), request))
                .build());
  }

  /** Looks at a job, each time with the caller's eyes of that moment. */
  private static Supplier<Job> look(ActiveCall call, String id) {
    return () ->
        call.jobs().get(id).filter(call.visibility()::sees).orElseThrow(() -> NotFound.job(id));
  }

  private static Place newestFirst(Job job) {
    var made = job.getCreateTime();
    return new Place(-(made.getSeconds() * NANOS + made.getNanos()), job.getId());
  }

  private static Predicate<Job> matcher(ActiveCall call, JobFilter filter) {
    Predicate<Job> domain = filter.hasDomain() ? ofDomain(call, filter.getDomain()) : _ -> true;
    return domain
        .and(job -> filter.getDisk().isEmpty() || filter.getDisk().equals(job.getDisk()))
        .and(job -> filter.getStatesCount() == 0 || filter.getStatesList().contains(job.getState()))
        .and(job -> filter.getKindsCount() == 0 || filter.getKindsList().contains(job.getKind()))
        .and(job -> !filter.getActiveOnly() || !JobStreams.ended(job));
  }

  /** By uuid a domain may be gone; by name or number it must be there to be meant at all. */
  private static Predicate<Job> ofDomain(ActiveCall call, DomainRef domain) {
    if (domain.getRefCase() == DomainRef.RefCase.UUID) {
      return job -> job.getDomainUuid().equalsIgnoreCase(domain.getUuid());
    }
    Domain found = call.visibility().require(Permission.JOB_READ, domain);
    return job -> job.getDomainUuid().equals(found.getSpec().getUuid());
  }
}
