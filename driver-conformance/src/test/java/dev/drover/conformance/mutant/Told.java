package dev.drover.conformance.mutant;

import dev.drover.spi.CallContext;
import dev.drover.spi.ChainRepairs;
import dev.drover.spi.Domains;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverInfo;
import dev.drover.spi.Jobs;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.ErrorStatus;
import dev.drover.spi.event.DriverEvent;
import dev.drover.v1.Capability;
import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobProgress;
import dev.drover.v1.JobState;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.RepairChainResponse;
import dev.drover.v1.Snapshot;
import dev.drover.v1.VerifyChainRequest;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Mistakes in what a driver says: the work is done as it should be, and reported wrongly. */
final class Told {

  private Told() {}

  /** Every job is told otherwise. */
  static Mutation job(UnaryOperator<Job> otherwise) {
    return new Mutation() {
      @Override
      public Job job(Job known) {
        return otherwise.apply(known);
      }
    };
  }

  /** Every snapshot is told otherwise. */
  static Mutation snapshot(UnaryOperator<Snapshot> otherwise) {
    return new Mutation() {
      @Override
      public Snapshot snapshot(Snapshot known) {
        return otherwise.apply(known);
      }
    };
  }

  /** Other capabilities are declared. */
  static Mutation declares(Set<Capability> more, Set<Capability> less) {
    return new Mutation() {
      @Override
      public DriverInfo info(DriverInfo declared) {
        EnumSet<Capability> changed = EnumSet.copyOf(declared.declared());
        changed.addAll(more);
        changed.removeAll(less);
        return new DriverInfo(
            declared.connectionUris(),
            declared.hypervisorName(),
            declared.hypervisorVersion(),
            declared.hypervisorPath(),
            changed,
            declared.accelerations(),
            declared.machines(),
            declared.unavailableDetail());
      }
    };
  }

  /** Some events are not told. */
  static Mutation withholds(Predicate<DriverEvent> event) {
    return new Mutation() {
      @Override
      public List<DriverEvent> events(DriverEvent happened, Driver driver) {
        return event.test(happened) ? List.of() : List.of(happened);
      }
    };
  }

  /** Some events are told twice. */
  static Mutation repeats(Predicate<DriverEvent> event) {
    return new Mutation() {
      @Override
      public List<DriverEvent> events(DriverEvent happened, Driver driver) {
        return event.test(happened) ? List.of(happened, happened) : List.of(happened);
      }
    };
  }

  /** Whether an event tells that a job has come into one of these states. */
  static boolean comesInto(DriverEvent event, JobState... states) {
    return event instanceof DriverEvent.JobEvent job
        && job.kind() == EventKind.EVENT_KIND_JOB_STATE_CHANGED
        && List.of(states).contains(job.job().getState());
  }

  /** Whether an event tells the end of a job. */
  static boolean ends(DriverEvent event) {
    return comesInto(
        event,
        JobState.JOB_STATE_SUCCEEDED,
        JobState.JOB_STATE_FAILED,
        JobState.JOB_STATE_CANCELLED);
  }

  /** Whether a job has ended. */
  static boolean ended(Job job) {
    return job.hasEndTime();
  }

  /** A cancel in READY, which a hypervisor reports as completed, is taken for the pivot. */
  static Job cancelledAsPivoted(Job job) {
    if (job.getState() != JobState.JOB_STATE_CANCELLED || !job.hasReadyTime()) {
      return job;
    }
    Job.Builder told = job.toBuilder().setState(JobState.JOB_STATE_SUCCEEDED).clearError();
    told.getResultBuilder().setPivoted(true);
    return told.build();
  }

  /** A mirror that has nothing left to copy is taken for READY, one that has not begun too. */
  static Job nothingLeftAsReady(Job job) {
    return ready(job, job.getProgress().getOffsetBytes() == job.getProgress().getTotalBytes());
  }

  /** A mirror that has copied everything is taken for READY. */
  static Job everythingCopiedAsReady(Job job) {
    long total = job.getProgress().getTotalBytes();
    return ready(job, total > 0 && job.getProgress().getOffsetBytes() == total);
  }

  private static Job ready(Job job, boolean taken) {
    boolean mirror =
        job.getKind() == JobKind.JOB_KIND_ACTIVE_COMMIT || job.getKind() == JobKind.JOB_KIND_COPY;
    return taken && mirror && job.getState() == JobState.JOB_STATE_RUNNING
        ? job.toBuilder()
            .setState(JobState.JOB_STATE_READY)
            .setReadyTime(job.getStartTime())
            .build()
        : job;
  }

  /** What is to be copied again is counted as copied, but not as to be copied. */
  static Job moreThanThereIs(Job job) {
    JobProgress progress = job.getProgress();
    return progress.getTotalBytes() == 0 || ended(job)
        ? job
        : job.toBuilder()
            .setProgress(progress.toBuilder().setOffsetBytes(progress.getTotalBytes() + 65_536))
            .build();
  }

  /** Every disk of a snapshot is said to hold its moment. */
  static Snapshot nothingLost(Snapshot snapshot) {
    Snapshot.Builder told = snapshot.toBuilder();
    told.getDisksBuilderList().forEach(disk -> disk.clearStateLost().clearLostByJob());
    return told.build();
  }

  /** Progress of a job at work is that of the last second, not of the whole. */
  static Mutation fallsBack() {
    Map<String, Integer> asked = new ConcurrentHashMap<>();
    return job(
        job -> {
          int times = asked.merge(job.getId(), 1, Integer::sum);
          Job.Builder told = job.toBuilder();
          if (!ended(job)) {
            told.getProgressBuilder().setTotalBytes(1 << 30).setOffsetBytes((1 << 20) / times);
          }
          return told.build();
        });
  }

  /** A failure is told without the reason. */
  static Job withoutReason(Job job) {
    return job.getState() == JobState.JOB_STATE_FAILED
        ? job.toBuilder()
            .setError(
                ErrorStatus.status(
                    DriverException.of(
                        ErrorReason.ERROR_REASON_INTERNAL, "job %s failed".formatted(job.getId()))))
            .build()
        : job;
  }

  /** Jobs that have ended are not listed, or their records go with their domains. */
  static Mutation forgetsJobs(boolean withDomains) {
    return Mutation.ofJobs(
        (real, driver) ->
            new ForwardingJobs(real) {
              @Override
              public List<Job> list() {
                return super.list().stream().filter(job -> withDomains || !ended(job)).toList();
              }

              @Override
              public Optional<Job> get(String jobId) {
                return super.get(jobId)
                    .filter(job -> !withDomains || known(driver.domains(), job.getDomainUuid()));
              }
            });
  }

  private static boolean known(Domains domains, String uuid) {
    return domains.list().stream().anyMatch(domain -> domain.getSpec().getUuid().equals(uuid));
  }

  /** The disks of the stored definition are those it was made with. */
  static Mutation staleDefinition() {
    Map<String, Domain> made = new ConcurrentHashMap<>();
    return Mutation.ofDomains(
        (real, _) ->
            new ForwardingDomains(real) {
              @Override
              protected Domain told(Domain answer) {
                Domain first = made.computeIfAbsent(answer.getSpec().getUuid(), _ -> answer);
                Domain.Builder told = answer.toBuilder();
                told.getSpecBuilder().clearDisks().addAllDisks(first.getSpec().getDisksList());
                return told.build();
              }
            });
  }

  /** A job's end can be heard before it can be read: the first look afterwards is too early. */
  static Mutation tellsTooEarly() {
    Set<String> unread = ConcurrentHashMap.newKeySet();
    return new Mutation() {
      @Override
      public List<DriverEvent> events(DriverEvent event, Driver driver) {
        if (ends(event) && event instanceof DriverEvent.JobEvent job) {
          var _ = unread.add(job.job().getId());
        }
        return List.of(event);
      }

      @Override
      public Jobs jobs(Driver driver) {
        return new ForwardingJobs(Mutation.super.jobs(driver)) {
          @Override
          public Optional<Job> get(String jobId) {
            return super.get(jobId)
                .map(
                    job ->
                        unread.remove(jobId)
                            ? job.toBuilder()
                                .setState(JobState.JOB_STATE_FINALIZING)
                                .clearEndTime()
                                .build()
                            : job);
          }
        };
      }
    };
  }

  /** The snapshot made last stays current whatever the domain is reverted to. */
  static Mutation newestIsCurrent() {
    Map<String, String> newest = new ConcurrentHashMap<>();
    Set<String> seen = new HashSet<>();
    return snapshot(
        snapshot -> {
          synchronized (seen) {
            if (seen.add(snapshot.getDomainUuid() + snapshot.getName())) {
              newest.put(snapshot.getDomainUuid(), snapshot.getName());
            }
          }
          return snapshot.toBuilder()
              .setCurrent(snapshot.getName().equals(newest.get(snapshot.getDomainUuid())))
              .build();
        });
  }

  /** The children of a snapshot that is gone keep its name as their parent's. */
  static Mutation firstParentStays() {
    Map<String, String> parents = new ConcurrentHashMap<>();
    return snapshot(
        snapshot ->
            snapshot.toBuilder()
                .setParent(
                    parents.computeIfAbsent(
                        snapshot.getDomainUuid() + snapshot.getName(), _ -> snapshot.getParent()))
                .build());
  }

  /** What a domain last ran with is told of it while it is off. */
  static Mutation accelerationStays() {
    Map<String, Domain> ran = new ConcurrentHashMap<>();
    return Mutation.ofDomains(
        (real, _) ->
            new ForwardingDomains(real) {
              @Override
              protected Domain told(Domain answer) {
                String uuid = answer.getSpec().getUuid();
                if (answer.getStatus().getId() != 0) {
                  ran.put(uuid, answer);
                  return answer;
                }
                Domain last = ran.getOrDefault(uuid, answer);
                Domain.Builder told = answer.toBuilder();
                told.getStatusBuilder().setAcceleration(last.getStatus().getAcceleration());
                return told.build();
              }
            });
  }

  /** What was expected of a chain and what was found there change places. */
  static Mutation differenceBackwards() {
    return new Mutation() {
      @Override
      public ChainRepairs chainRepairs(Driver driver) {
        ChainRepairs real = Mutation.super.chainRepairs(driver);
        return new ChainRepairs() {
          @Override
          public ChainVerification verify(CallContext call, VerifyChainRequest request) {
            ChainVerification.Builder told = real.verify(call, request).toBuilder();
            for (ChainDifference.Builder one : told.getDifferencesBuilderList()) {
              String expected = one.getExpected();
              one.setExpected(one.getFound()).setFound(expected);
            }
            return told.build();
          }

          @Override
          public RepairChainResponse repair(CallContext call, RepairChainRequest request) {
            return real.repair(call, request);
          }
        };
      }
    };
  }

  /** The list of domains ends before its last entry. */
  static Mutation lastDomainMissing() {
    return Mutation.ofDomains(
        (real, _) ->
            new ForwardingDomains(real) {
              @Override
              public List<Domain> list() {
                List<Domain> all = super.list();
                return all.subList(0, all.size() - 1);
              }
            });
  }
}
