package dev.drover.server.service;

import dev.drover.server.activity.JobPulse;
import dev.drover.server.activity.OngoingCall;
import dev.drover.server.activity.OngoingWork;
import dev.drover.server.activity.OpenCalls;
import dev.drover.server.activity.OpenWork;
import dev.drover.server.driver.DriverRegistry;
import dev.drover.server.driver.ModelReader;
import dev.drover.server.store.SqliteDatabase;
import dev.drover.server.store.StoreWaits;
import dev.drover.spi.DurationWords;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.CallWait;
import dev.drover.v1.DriverWaits;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.InspectWaitsResponse;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.JobWait;
import dev.drover.v1.StoreWait;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/** Tells who waits for what, from what the daemon holds in memory (R4). */
public final class WaitInspector {

  private static final Duration WORTH_TELLING = Duration.ofSeconds(1);

  /** Reading a model takes milliseconds; one that takes longer is told as not read. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final List<ModelReader> readers;
  private final OpenCalls calls;
  private final OpenWork work;
  private final JobPulse pulse;
  private final SqliteDatabase store;
  private final InstantSource clock;

  /** Makes the inspector. */
  @Inject
  public WaitInspector(
      DriverRegistry drivers,
      ExecutorService executor,
      OpenCalls calls,
      OpenWork work,
      JobPulse pulse,
      SqliteDatabase store,
      InstantSource clock) {
    this.readers =
        drivers.connections().stream()
            .map(driver -> new ModelReader(driver, executor))
            .sorted(Comparator.comparing(ModelReader::scheme))
            .toList();
    this.calls = calls;
    this.work = work;
    this.pulse = pulse;
    this.store = store;
    this.clock = clock;
  }

  /**
   * Looks.
   *
   * @param asking id of the call that asks, which is left out
   */
  InspectWaitsResponse inspect(InspectWaitsRequest request, String asking) {
    Duration age =
        request.hasMinimumAge() ? ProtoTimes.duration(request.getMinimumAge()) : WORTH_TELLING;
    InspectWaitsResponse.Builder response =
        InspectWaitsResponse.newBuilder()
            .setTime(ProtoTimes.timestamp(clock.instant()))
            .addAllCalls(calls(age, asking))
            .setStore(store(age));
    List<OngoingWork> ongoing =
        work.list().stream().filter(one -> one.age().compareTo(age) >= 0).toList();
    readers.forEach(ModelReader::begin);
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (ModelReader reader : readers) {
      Optional<ModelReader.Reading> reading =
          reader.await(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      response.addDrivers(driver(reader.scheme(), reading, ongoing, age));
    }
    return response.build();
  }

  private List<CallWait> calls(Duration age, String asking) {
    return calls.list().stream()
        .filter(call -> call.age().compareTo(age) >= 0)
        .filter(call -> !call.endless() && !call.callId().equals(asking))
        .sorted(Comparator.comparing(OngoingCall::age).reversed())
        .map(WaitInspector::call)
        .toList();
  }

  private static CallWait call(OngoingCall call) {
    return CallWait.newBuilder()
        .setCallId(call.callId())
        .setMethod(call.method())
        .setPrincipal(call.principal())
        .setOrigin(call.origin())
        .setDomain(call.domain())
        .setJobId(call.job())
        .setAge(ProtoTimes.duration(call.age()))
        .build();
  }

  private StoreWait store(Duration age) {
    StoreWaits waits = store.waits();
    StoreWait.Builder result = StoreWait.newBuilder().setWaiting(waits.waiting());
    waits
        .writing()
        .filter(writing -> writing.compareTo(age) >= 0)
        .map(ProtoTimes::duration)
        .ifPresent(result::setWriting);
    return result.build();
  }

  private DriverWaits driver(
      String scheme,
      Optional<ModelReader.Reading> reading,
      List<OngoingWork> ongoing,
      Duration age) {
    DomainWaits domains = new DomainWaits();
    ongoing.stream().filter(one -> one.scheme().equals(scheme)).forEach(domains::add);
    DriverWaits.Builder result = DriverWaits.newBuilder().setScheme(scheme);
    reading.ifPresentOrElse(
        model -> {
          model.domains().forEach(domains::add);
          result.addAllJobs(jobs(scheme, model, age));
        },
        () ->
            result.setUnreadDetail(
                "its model could not be read within " + DurationWords.of(PATIENCE)));
    return result.addAllDomains(domains.list()).build();
  }

  private List<JobWait> jobs(String scheme, ModelReader.Reading model, Duration age) {
    return model.jobs().stream()
        .filter(job -> !JobTransitions.terminal(job.getState()))
        .filter(job -> job.getBlocked() || job.getState() != JobState.JOB_STATE_READY)
        .map(job -> new Still(job, pulse.still(scheme, job.getId())))
        .filter(still -> still.job().getBlocked() || still.age().compareTo(age) >= 0)
        .sorted(Comparator.comparing(Still::age).reversed())
        .map(still -> job(still, model))
        .toList();
  }

  /** A job and for how long it has not moved. */
  private record Still(Job job, Duration age) {}

  private static JobWait job(Still still, ModelReader.Reading model) {
    Job job = still.job();
    JobWait.Builder result = JobWait.newBuilder();
    if (job.hasQueuePlace()) {
      result
          .setQueuePlace(job.getQueuePlace())
          .addAllPlaceHolderJobIds(model.placeHolders().getOrDefault(job.getId(), List.of()));
    }
    return result
        .setId(job.getId())
        .setKind(job.getKind())
        .setState(job.getState())
        .setDomainName(job.getDomainName())
        .setDisk(job.getDisk())
        .setOwner(job.getOwner())
        .setAge(ProtoTimes.duration(still.age()))
        .setBlocked(job.getBlocked())
        .setBlockedReason(job.getBlockedReason())
        .setBlockedDetail(job.getBlockedDetail())
        .build();
  }
}
