package dev.drover.spi.snapshot;

import dev.drover.spi.CallContext;
import dev.drover.spi.block.Chain;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.ErrorStatus;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** Files that are names with parents, and block jobs that end at once, or as the test says. */
final class FakeWork implements DeletionWork {

  /** The files, which outlive every daemon: each with the one it reads. */
  static final class Host {
    final Map<String, Optional<String>> parents = new HashMap<>();
    final Set<String> failing = new HashSet<>();
    final Set<String> unreadable = new HashSet<>();
    final List<String> cancelled = new ArrayList<>();
    final List<String> discarded = new ArrayList<>();
    long size = 10;
    OptionalLong growth = OptionalLong.empty();
    long free = Long.MAX_VALUE;
    boolean slow;
  }

  private final Host host;
  private final DomainBook domains;
  private final JobBook jobs;
  private final OwnedImages owned;

  FakeWork(Host host, DomainBook domains, JobBook jobs, OwnedImages owned) {
    this.owned = owned;
    this.host = host;
    this.domains = domains;
    this.jobs = jobs;
  }

  @Override
  public Optional<Chain> active(Domain domain, String disk) {
    return domain.getSpec().getDisksList().stream()
        .filter(defined -> defined.getTarget().equals(disk))
        .findFirst()
        .flatMap(defined -> stored(domain, disk, defined.getSource()));
  }

  @Override
  public Optional<Chain> stored(Domain domain, String disk, Image image) {
    if (host.unreadable.contains(image.getPath())) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND, "what it reads is not there");
    }
    List<ChainImage> images = new ArrayList<>();
    Optional<String> next = Optional.of(image.getPath());
    while (next.isPresent() && host.parents.containsKey(next.get())) {
      images.add(
          ChainImage.newBuilder()
              .setPath(next.get())
              .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
              .setVirtualSizeBytes(host.size)
              .setAllocatedBytes(1)
              .build());
      next = host.parents.get(next.get());
    }
    return images.isEmpty()
        ? Optional.empty()
        : Optional.of(new Chain(domain.getSpec().getName(), disk, images));
  }

  @Override
  public boolean isThere(OwnedImage image) {
    return host.parents.containsKey(image.image().getPath());
  }

  @Override
  public Optional<String> file(String path) {
    return Optional.of(path).filter(host.parents::containsKey);
  }

  @Override
  public Optional<Room> room(String path) {
    return Optional.of(
        path.startsWith("/elsewhere/")
            ? new Room("another host", Long.MAX_VALUE)
            : new Room("the host", host.free));
  }

  @Override
  public OptionalLong growth(List<Image> images, Image into) {
    return host.growth;
  }

  @Override
  public Optional<String> heldElsewhere(String domainUuid, String path) {
    return Optional.empty();
  }

  @Override
  public Job commit(CallContext call, JobOrigin origin, BlockCommitRequest request) {
    Job job = begin(origin, request.getDomain().getUuid(), request.getDisk());
    if (!host.slow) {
      end(
          job,
          () -> {
            host.parents.replaceAll(
                (path, parent) ->
                    parent.filter(request.getTop()::equals).isPresent()
                        ? Optional.of(request.getBase())
                        : parent);
            Consumer<Domain.Builder> move =
                domain -> {
                  for (Disk.Builder disk : domain.getSpecBuilder().getDisksBuilderList()) {
                    if (disk.getSource().getPath().equals(request.getTop())) {
                      disk.getSourceBuilder().setPath(request.getBase());
                    }
                  }
                };
            String uuid = job.getDomainUuid();
            var _ =
                domains.change(
                    uuid,
                    move,
                    transaction -> {
                      owned.leave(transaction, uuid, List.of(request.getTop()));
                      owned.take(transaction, uuid, List.of(request.getBase()));
                    });
          });
    }
    return job;
  }

  @Override
  public Job pull(CallContext call, JobOrigin origin, BlockPullRequest request) {
    throw new UnsupportedOperationException("the images of these tests are all of one size");
  }

  @Override
  public Job pullAside(CallContext call, JobOrigin origin, BlockPullRequest request, Image into) {
    throw new UnsupportedOperationException("the disks of these tests stay on one branch");
  }

  private Job begin(JobOrigin origin, String uuid, String disk) {
    if (host.failing.remove(disk)) {
      throw DriverException.of(ErrorReason.ERROR_REASON_NO_SPACE, "no room on the host");
    }
    Job job =
        jobs.begin(
            origin,
            Job.newBuilder()
                .setKind(JobKind.JOB_KIND_COMMIT)
                .setDomainUuid(uuid)
                .setDomainName("guest")
                .setDisk(disk)
                .build(),
            _ -> {});
    return jobs.advance(job.getId(), JobState.JOB_STATE_RUNNING, _ -> {}, _ -> {});
  }

  /** Like a journaled job: the next daemon ends it where this one dies. */
  private void end(Job job, Runnable effect) {
    var _ = jobs.advance(job.getId(), JobState.JOB_STATE_FINALIZING, _ -> {}, _ -> {});
    effect.run();
    var _ = jobs.advance(job.getId(), JobState.JOB_STATE_SUCCEEDED, _ -> {}, _ -> {});
  }

  /** What the driver does at its start with jobs that nobody has ended: it takes them back. */
  void recoverJobs() {
    for (Job job : jobs.list()) {
      if (job.getKind() == JobKind.JOB_KIND_COMMIT && !job.hasEndTime()) {
        DriverException why =
            DriverException.of(ErrorReason.ERROR_REASON_JOB_INTERRUPTED, "the daemon died");
        var _ =
            jobs.advance(
                job.getId(),
                JobState.JOB_STATE_FAILED,
                ended -> ended.setError(ErrorStatus.status(why)),
                _ -> {});
      }
    }
  }

  @Override
  public void discard(Domain domain, String disk, Image image, String tag) {
    String moment = image.getPath() + "@" + tag;
    if (host.failing.contains(moment)) {
      throw DriverException.of(ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED, "it is kept still");
    }
    host.discarded.add(moment);
  }

  @Override
  public void cancel(CallContext call, String jobId) {
    host.cancelled.add(jobId);
    var _ = jobs.advance(jobId, JobState.JOB_STATE_CANCELLED, _ -> {}, _ -> {});
  }

  @Override
  public Optional<String> remove(String jobId, OwnedImage image) {
    String path = image.image().getPath();
    if (host.parents.values().stream()
        .anyMatch(parent -> parent.filter(path::equals).isPresent())) {
      return Optional.of("something reads it");
    }
    host.parents.remove(path);
    return Optional.empty();
  }

  @Override
  public void warn(String what, RuntimeException why) {}

  @Override
  public void change(
      String domainUuid, Consumer<Domain.Builder> edit, Consumer<StoreTransaction> journal) {
    var _ = domains.change(domainUuid, edit, journal);
  }
}
