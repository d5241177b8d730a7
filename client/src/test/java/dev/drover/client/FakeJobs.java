package dev.drover.client;

import com.google.protobuf.Duration;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CancelJobResponse;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CompleteJobResponse;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetJobRequest;
import dev.drover.v1.GetJobResponse;
import dev.drover.v1.Job;
import dev.drover.v1.JobProgress;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.JobState;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.ListJobsResponse;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.ResumeJobResponse;
import dev.drover.v1.SetJobSpeedRequest;
import dev.drover.v1.SetJobSpeedResponse;
import dev.drover.v1.WatchJobRequest;
import dev.drover.v1.WatchJobResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** Jobs that go on only when the test says so. */
public final class FakeJobs extends JobServiceGrpc.JobServiceImplBase {
  private final Map<String, Job> jobs = new LinkedHashMap<>();
  private final Map<String, List<StreamObserver<WatchJobResponse>>> watchers =
      new LinkedHashMap<>();

  /** Completions that were asked for. */
  public final List<CompleteJobRequest> completions = new CopyOnWriteArrayList<>();

  /** Jobs that were resumed. */
  public final List<String> resumed = new CopyOnWriteArrayList<>();

  /** Speeds that were asked for. */
  public final List<SetJobSpeedRequest> speeds = new CopyOnWriteArrayList<>();

  /** Records a job and tells who watches it. */
  public synchronized Job put(Job job) {
    Job known = jobs.getOrDefault(job.getId(), Job.getDefaultInstance());
    Job changed = job.toBuilder().setRevision(known.getRevision() + 1).build();
    jobs.put(job.getId(), changed);
    List<StreamObserver<WatchJobResponse>> watching =
        watchers.getOrDefault(job.getId(), new ArrayList<>());
    watching.forEach(
        watcher -> watcher.onNext(WatchJobResponse.newBuilder().setJob(changed).build()));
    if (JobHandle.terminal(changed.getState())) {
      watching.forEach(StreamObserver::onCompleted);
      watchers.remove(job.getId());
    }
    return changed;
  }

  /** Changes a job and tells who watches it. */
  public synchronized Job change(String id, UnaryOperator<Job.Builder> change) {
    return put(change.apply(find(id).toBuilder()).build());
  }

  /** Moves a job to a state. */
  public Job move(String id, JobState state) {
    return change(id, job -> job.setState(state));
  }

  /** Moves a job's progress. */
  public Job progress(String id, long offset, long total) {
    return change(
        id,
        job ->
            job.setProgress(
                JobProgress.newBuilder()
                    .setOffsetBytes(offset)
                    .setTotalBytes(total)
                    .setRateBytesPerSecond(1 << 20)
                    .setRemainingMilliseconds(8000)));
  }

  /** The number of streams that watch a job. */
  public synchronized int watchers(String id) {
    return watchers.getOrDefault(id, List.of()).size();
  }

  private synchronized void forget(String id, StreamObserver<WatchJobResponse> watcher) {
    watchers.getOrDefault(id, new ArrayList<>()).remove(watcher);
  }

  synchronized void forgetWatchers() {
    watchers.clear();
  }

  private synchronized Job find(String id) {
    Job job = jobs.get(id);
    if (job == null) {
      throw FakeDaemon.error(
          ErrorReason.ERROR_REASON_JOB_NOT_FOUND,
          Status.Code.NOT_FOUND,
          "Job '%s' does not exist".formatted(id),
          Map.of("job", id));
    }
    return job;
  }

  @Override
  public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> response) {
    FakeDomains.answer(
        response, () -> GetJobResponse.newBuilder().setJob(find(request.getJobId())).build());
  }

  @Override
  public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> response) {
    List<Job> found;
    synchronized (this) {
      found = new ArrayList<>(jobs.values());
    }
    if (request.getFilter().getActiveOnly()) {
      found.removeIf(job -> JobHandle.terminal(job.getState()));
    }
    FakeDomains.answer(
        response, () -> ListJobsResponse.newBuilder().addAllJobs(found.reversed()).build());
  }

  @Override
  public synchronized void watchJob(
      WatchJobRequest request, StreamObserver<WatchJobResponse> response) {
    Job job = find(request.getJobId());
    response.onNext(WatchJobResponse.newBuilder().setJob(job).build());
    if (JobHandle.terminal(job.getState())) {
      response.onCompleted();
    } else {
      watchers.computeIfAbsent(job.getId(), id -> new ArrayList<>()).add(response);
      ((ServerCallStreamObserver<WatchJobResponse>) response)
          .setOnCancelHandler(() -> forget(job.getId(), response));
    }
  }

  @Override
  public void resumeJob(ResumeJobRequest request, StreamObserver<ResumeJobResponse> response) {
    FakeDomains.answer(
        response,
        () -> {
          resumed.add(request.getJobId());
          return ResumeJobResponse.newBuilder()
              .setJob(change(request.getJobId(), job -> job.setBlocked(false).clearBlockedDetail()))
              .build();
        });
  }

  @Override
  public void cancelJob(CancelJobRequest request, StreamObserver<CancelJobResponse> response) {
    FakeDomains.answer(
        response,
        () -> {
          Job job = find(request.getJobId());
          if (job.getState() == JobState.JOB_STATE_SUCCEEDED) {
            throw FakeDaemon.error(
                ErrorReason.ERROR_REASON_JOB_STATE_INVALID,
                Status.Code.FAILED_PRECONDITION,
                "Job '%s' has ended".formatted(job.getId()),
                Map.of("job", job.getId()));
          }
          return CancelJobResponse.newBuilder()
              .setJob(
                  move(
                      job.getId(),
                      request.getAsync()
                          ? JobState.JOB_STATE_CANCELLING
                          : JobState.JOB_STATE_CANCELLED))
              .build();
        });
  }

  @Override
  public void completeJob(
      CompleteJobRequest request, StreamObserver<CompleteJobResponse> response) {
    completions.add(request);
    FakeDomains.answer(
        response,
        () -> {
          Job job = find(request.getJobId());
          if (job.getState() != JobState.JOB_STATE_READY) {
            throw FakeDaemon.error(
                ErrorReason.ERROR_REASON_JOB_NOT_READY,
                Status.Code.FAILED_PRECONDITION,
                "Job '%s' is not ready for pivot yet".formatted(job.getId()),
                Map.of("job", job.getId(), "state", job.getState().name()));
          }
          return CompleteJobResponse.newBuilder()
              .setJob(move(job.getId(), JobState.JOB_STATE_SUCCEEDED))
              .build();
        });
  }

  /** Ends the jobs with a pause of 9.8 ms. */
  @Override
  public void completeJobs(
      CompleteJobsRequest request, StreamObserver<CompleteJobsResponse> response) {
    FakeDomains.answer(
        response,
        () -> {
          CompleteJobsResponse.Builder ended =
              CompleteJobsResponse.newBuilder()
                  .setGuestPause(Duration.newBuilder().setNanos(9_800_000));
          for (String id : request.getJobIdsList()) {
            ended.addJobs(
                change(
                    id,
                    job ->
                        job.setState(JobState.JOB_STATE_SUCCEEDED)
                            .setCompletion(request.getCompletion())));
          }
          return ended.build();
        });
  }

  @Override
  public void setJobSpeed(
      SetJobSpeedRequest request, StreamObserver<SetJobSpeedResponse> response) {
    speeds.add(request);
    FakeDomains.answer(
        response, () -> SetJobSpeedResponse.newBuilder().setJob(find(request.getJobId())).build());
  }
}
