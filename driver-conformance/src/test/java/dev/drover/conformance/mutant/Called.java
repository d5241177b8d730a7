package dev.drover.conformance.mutant;

import dev.drover.spi.BlockJobs;
import dev.drover.spi.CallContext;
import dev.drover.spi.Domains;
import dev.drover.spi.Driver;
import dev.drover.spi.JobGroups;
import dev.drover.spi.Jobs;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CompleteJobsResponse;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DiskDiscard;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.ListDisksRequest;
import dev.drover.v1.SetJobSpeedRequest;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.UndefineDomainRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Mistakes in how a driver takes a call: it does something else than was asked for. */
final class Called {

  private Called() {}

  /** A pull is asked otherwise. */
  static Mutation pull(UnaryOperator<BlockPullRequest> otherwise) {
    return Mutation.ofBlockJobs(
        (real, _) ->
            new ForwardingBlockJobs(real) {
              @Override
              public Job pull(CallContext call, BlockPullRequest request) {
                return super.pull(call, otherwise.apply(request));
              }
            });
  }

  /** A commit is asked otherwise, as the disk's chain suggests. */
  static Mutation commit(
      BiFunction<BlockCommitRequest, List<ChainImage>, BlockCommitRequest> otherwise) {
    return Mutation.ofBlockJobs(
        (real, _) ->
            new ForwardingBlockJobs(real) {
              @Override
              public Job commit(CallContext call, BlockCommitRequest request) {
                GetBackingChainRequest chain =
                    GetBackingChainRequest.newBuilder()
                        .setDomain(request.getDomain())
                        .setDisk(request.getDisk())
                        .build();
                return super.commit(
                    call, otherwise.apply(request, super.chain(call, chain).getImagesList()));
              }
            });
  }

  /** The top of a commit is one image too low. */
  static BlockCommitRequest topOneBelow(BlockCommitRequest request, List<ChainImage> chain) {
    return chain.stream()
        .filter(image -> image.getPath().equals(request.getTop()))
        .map(ChainImage::getIndex)
        .filter(index -> index + 2 < chain.size())
        .findFirst()
        .map(index -> request.toBuilder().setTop(chain.get(index + 1).getPath()).build())
        .orElse(request);
  }

  /** Every call works on the first disk. */
  static Mutation firstDisk() {
    return Mutation.ofBlockJobs(
        (real, _) ->
            new ForwardingBlockJobs(real) {
              @Override
              public Job pull(CallContext call, BlockPullRequest request) {
                ListDisksRequest disks =
                    ListDisksRequest.newBuilder().setDomain(request.getDomain()).build();
                return super.pull(
                    call, request.toBuilder().setDisk(disks(disks).getFirst().getTarget()).build());
              }
            });
  }

  /** A second job on a disk is answered with the first one, as if it had been asked for twice. */
  static Mutation joinsSecondJob() {
    return Mutation.ofBlockJobs(
        (real, driver) ->
            new ForwardingBlockJobs(real) {
              @Override
              public Job pull(CallContext call, BlockPullRequest request) {
                try {
                  return super.pull(call, request);
                } catch (DriverException e) {
                  return driver
                      .jobs()
                      .orElseThrow()
                      .get(e.metadata().getOrDefault("job", ""))
                      .orElseThrow(() -> e);
                }
              }
            });
  }

  /** A start is not held back by a job on the domain's disks; the job is given up for it. */
  static Mutation startsUnderJobs() {
    return Mutation.ofDomains(
        (real, driver) ->
            new ForwardingDomains(real) {
              @Override
              public Domain start(CallContext call, StartDomainRequest request) {
                cancelJobs(driver, call, get(request.getDomain()));
                return super.start(call, request);
              }
            });
  }

  /** Undefine is not held back by an offline job; the job is given up for it. */
  static Mutation undefinesUnderJobs() {
    return Mutation.ofDomains(
        (real, driver) ->
            new ForwardingDomains(real) {
              @Override
              public void undefine(CallContext call, UndefineDomainRequest request) {
                cancelJobs(driver, call, get(request.getDomain()));
                super.undefine(call, request);
              }
            });
  }

  /** A snapshot is not held back by a job; the job is given up for it. */
  static Mutation snapshotsUnderJobs() {
    return Mutation.ofSnapshots(
        (real, driver) ->
            new ForwardingSnapshots(real) {
              @Override
              public CreateSnapshotResponse create(
                  CallContext call, CreateSnapshotRequest request) {
                cancelJobs(driver, call, driver.domains().get(request.getDomain()));
                return super.create(call, request);
              }
            });
  }

  private static void cancelJobs(Driver driver, CallContext call, Domain domain) {
    Jobs jobs = driver.jobs().orElseThrow();
    jobs.list().stream()
        .filter(job -> job.getDomainUuid().equals(domain.getSpec().getUuid()))
        .filter(job -> !Told.ended(job))
        .forEach(
            job -> {
              var _ =
                  jobs.cancel(call, CancelJobRequest.newBuilder().setJobId(job.getId()).build());
            });
  }

  /** Format by the name of the file, whatever was declared. */
  static Mutation probesFormat() {
    return Mutation.ofDomains(
        (real, _) ->
            new ForwardingDomains(real) {
              @Override
              public Domain define(CallContext call, DefineDomainRequest request) {
                DefineDomainRequest.Builder probed = request.toBuilder();
                for (Disk.Builder disk : probed.getSpecBuilder().getDisksBuilderList()) {
                  if (disk.getSource().getPath().endsWith(".img")) {
                    disk.getSourceBuilder().setFormat(ImageFormat.IMAGE_FORMAT_RAW);
                  }
                }
                return super.define(call, probed.build());
              }
            });
  }

  /** A definition is taken otherwise than it was sent. */
  static Mutation defines(Consumer<DomainSpec.Builder> otherwise) {
    return Mutation.ofDomains(
        (real, _) ->
            new ForwardingDomains(real) {
              @Override
              public Domain define(CallContext call, DefineDomainRequest request) {
                DefineDomainRequest.Builder changed = request.toBuilder();
                otherwise.accept(changed.getSpecBuilder());
                return super.define(call, changed.build());
              }
            });
  }

  /** What a guest discards is freed, whatever its disk was defined to do and is told to do. */
  static Mutation alwaysFrees() {
    Map<String, List<Disk>> defined = new ConcurrentHashMap<>();
    return Mutation.ofDomains(
        (real, _) ->
            new ForwardingDomains(real) {
              @Override
              public Domain define(CallContext call, DefineDomainRequest request) {
                DefineDomainRequest.Builder freeing = request.toBuilder();
                defined.put(request.getSpec().getName(), request.getSpec().getDisksList());
                freeing.getSpecBuilder().getDisksBuilderList().forEach(Disk.Builder::clearDiscard);
                return super.define(call, freeing.build());
              }

              @Override
              protected Domain told(Domain answer) {
                Domain.Builder told = answer.toBuilder();
                List<Disk> disks = defined.getOrDefault(answer.getSpec().getName(), List.of());
                restore(told.getSpecBuilder(), disks);
                if (told.getStatus().hasLiveSpec()) {
                  restore(told.getStatusBuilder().getLiveSpecBuilder(), disks);
                }
                return told.build();
              }
            });
  }

  private static void restore(DomainSpec.Builder spec, List<Disk> defined) {
    for (Disk.Builder disk : spec.getDisksBuilderList()) {
      disk.setDiscard(
          defined.stream()
              .filter(one -> one.getTarget().equals(disk.getTarget()))
              .map(Disk::getDiscard)
              .findFirst()
              .orElse(DiskDiscard.DISK_DISCARD_UNSPECIFIED));
    }
  }

  /** A listed disk shows the image it was defined with. */
  static Mutation staleDisks() {
    Map<String, Image> first = new ConcurrentHashMap<>();
    return new Mutation() {
      @Override
      public Domains domains(Driver driver) {
        return new ForwardingDomains(Mutation.super.domains(driver)) {
          @Override
          public Domain define(CallContext call, DefineDomainRequest request) {
            Domain defined = super.define(call, request);
            defined
                .getSpec()
                .getDisksList()
                .forEach(
                    disk ->
                        first.put(
                            defined.getSpec().getUuid() + disk.getTarget(), disk.getSource()));
            return defined;
          }
        };
      }

      @Override
      public BlockJobs blockJobs(Driver driver) {
        return new ForwardingBlockJobs(Mutation.super.blockJobs(driver)) {
          @Override
          public List<DomainDisk> disks(ListDisksRequest request) {
            Domain domain = driver.domains().get(request.getDomain());
            return super.disks(request).stream()
                .map(
                    disk ->
                        disk.toBuilder()
                            .setSource(
                                first.getOrDefault(
                                    domain.getSpec().getUuid() + disk.getTarget(),
                                    disk.getSource()))
                            .build())
                .toList();
          }
        };
      }
    };
  }

  /** A disk names the last job it had. */
  static Mutation heldForever() {
    return Mutation.ofBlockJobs(
        (real, driver) ->
            new ForwardingBlockJobs(real) {
              @Override
              public List<DomainDisk> disks(ListDisksRequest request) {
                String uuid = driver.domains().get(request.getDomain()).getSpec().getUuid();
                return super.disks(request).stream().map(disk -> held(uuid, disk)).toList();
              }

              private DomainDisk held(String uuid, DomainDisk disk) {
                return driver.jobs().orElseThrow().list().stream()
                    .filter(job -> job.getDomainUuid().equals(uuid))
                    .filter(job -> job.getDisk().equals(disk.getTarget()))
                    .findFirst()
                    .map(job -> disk.toBuilder().setJobId(job.getId()).build())
                    .orElse(disk);
              }
            });
  }

  /** A job is completed otherwise. */
  static Mutation complete(UnaryOperator<CompleteJobRequest> otherwise) {
    return Mutation.ofJobs(
        (real, _) ->
            new ForwardingJobs(real) {
              @Override
              public Job complete(CallContext call, CompleteJobRequest request) {
                return super.complete(call, otherwise.apply(request));
              }
            });
  }

  /** Jobs that are to end together are ended one after the other. */
  static Mutation oneByOne() {
    return new Mutation() {
      @Override
      public JobGroups jobGroups(Driver driver) {
        return (call, request) -> {
          CompleteJobsResponse.Builder ended = CompleteJobsResponse.newBuilder();
          for (String jobId : request.getJobIdsList()) {
            var _ =
                ended.addJobs(
                    driver
                        .jobs()
                        .orElseThrow()
                        .complete(
                            call,
                            CompleteJobRequest.newBuilder()
                                .setJobId(jobId)
                                .setCompletion(request.getCompletion())
                                .build()));
          }
          return ended.build();
        };
      }
    };
  }

  /** A pivot before READY waits for READY, unasked. */
  static CompleteJobRequest waitsForReady(CompleteJobRequest request) {
    return request.toBuilder().setWaitReady(true).build();
  }

  /** An end is answered when it is decided. */
  static CompleteJobRequest answersAtOnce(CompleteJobRequest request) {
    return request.toBuilder().setAsync(true).build();
  }

  /** A keep is taken for a pivot. */
  static CompleteJobRequest pivots(CompleteJobRequest request) {
    return request.toBuilder().setCompletion(JobCompletion.JOB_COMPLETION_PIVOT).build();
  }

  /** Another reason is told where a call about a job is refused with one. */
  static Mutation refusesWith(ErrorReason documented, ErrorReason told) {
    return Mutation.ofJobs(
        (real, _) ->
            new ForwardingJobs(real) {
              @Override
              public Job complete(CallContext call, CompleteJobRequest request) {
                try {
                  return super.complete(call, request);
                } catch (DriverException e) {
                  throw e.reason() == documented
                      ? DriverException.causedBy(
                          e, told, "the hypervisor refused: block-job-complete")
                      : e;
                }
              }
            });
  }

  /** A cancel of a job that was cancelled is refused like one of any job that has ended. */
  static Mutation cancelsOnce() {
    return Mutation.ofJobs(
        (real, _) ->
            new ForwardingJobs(real) {
              @Override
              public Job cancel(CallContext call, CancelJobRequest request) {
                boolean again =
                    get(request.getJobId())
                        .filter(job -> job.getState() == JobState.JOB_STATE_CANCELLED)
                        .isPresent();
                if (again) {
                  throw DriverException.of(
                      ErrorReason.ERROR_REASON_JOB_STATE_INVALID,
                      "job %s has ended".formatted(request.getJobId()),
                      "job",
                      request.getJobId(),
                      "state",
                      "CANCELLED");
                }
                return super.cancel(call, request);
              }
            });
  }

  /** Changing the speed is not served, although the jobs that need it are declared. */
  static Mutation noSpeed() {
    return Mutation.ofJobs(
        (real, driver) ->
            new ForwardingJobs(real) {
              @Override
              public Job setSpeed(CallContext call, SetJobSpeedRequest request) {
                throw DriverException.of(
                    ErrorReason.ERROR_REASON_NOT_SUPPORTED,
                    "the driver cannot change the speed of a job",
                    "method",
                    "SetJobSpeed",
                    "capability",
                    "CAPABILITY_BLOCK_PULL");
              }
            });
  }

  /** A speed that overflows is cut to 32 bits. */
  static Mutation cutsSpeed() {
    return Mutation.ofJobs(
        (real, _) ->
            new ForwardingJobs(real) {
              @Override
              public Job setSpeed(CallContext call, SetJobSpeedRequest request) {
                SetJobSpeedRequest.Builder cut = request.toBuilder();
                cut.getBandwidthBuilder()
                    .setBytesPerSecond(
                        (int) request.getBandwidth().getBytesPerSecond() & 0x3fff_ffff);
                return super.setSpeed(call, cut.build());
              }
            });
  }
}
