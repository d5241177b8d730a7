package dev.drover.conformance.model;

import dev.drover.conformance.ImageView;
import dev.drover.conformance.bench.Refusal;
import dev.drover.v1.Capability;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobRequest;
import dev.drover.v1.JobResult;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotPlan;
import dev.drover.v1.VerifyChainRequest;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What can be seen of a side through the API, and in its files, as text that can be compared. */
final class Facts {

  private final Side side;
  private final SortedMap<String, String> facts = new TreeMap<>();

  private Facts(Side side) {
    this.side = side;
  }

  /**
   * Looks at everything.
   *
   * @param position what there is on this side
   * @param known the files of which anybody has heard
   * @param readable names of the images whose contents are settled
   */
  static SortedMap<String, String> of(
      Side side, Position position, Known known, List<String> readable) {
    Facts facts = new Facts(side);
    facts.domain();
    for (String disk : List.of("vda", "vdb")) {
      facts.chain(disk);
      if (!position.held(disk)) {
        facts.verification(disk);
      }
      if (position.up()) {
        side.bench().world().flush(side.domain().name(), disk);
      }
    }
    for (Snapshot snapshot : side.bench().snapshots().list(side.domain())) {
      facts.snapshot(snapshot);
    }
    // Newer jobs do not change the numbers of older ones.
    List<Job> jobs = position.jobs().reversed();
    for (int number = 0; number < jobs.size(); number++) {
      facts.job("job %02d ".formatted(number), jobs.get(number));
    }
    for (String name : readable) {
      facts.file(name, Optional.ofNullable(known.files().get(name)).orElseThrow());
    }
    for (String name : known.memories()) {
      Image memory = side.image(name, ImageFormat.IMAGE_FORMAT_RAW);
      facts.put("memory %s exists".formatted(name), side.bench().world().look(memory).exists());
    }
    return facts.facts;
  }

  private void put(String key, Object value) {
    facts.put(key, side.plain(String.valueOf(value)));
  }

  private void domain() {
    Domain domain = side.domain().get();
    put("domain", domain.getStatus().getState() + " " + domain.getStatus().getReason());
    put("persistent", domain.getStatus().getPersistent());
    put("snapshots", domain.getStatus().getSnapshotCount());
    put("stored", definition(domain.getSpec()));
    put(
        "live",
        domain.getStatus().hasLiveSpec() ? definition(domain.getStatus().getLiveSpec()) : "");
    for (DomainDisk disk : side.domain().disks()) {
      put(
          "disk " + disk.getTarget(),
          "%s, held %s".formatted(image(disk.getSource()), !disk.getJobId().isEmpty()));
    }
  }

  private static String definition(DomainSpec spec) {
    return "'%s', %d bytes of memory, on %s"
        .formatted(spec.getTitle(), spec.getMemoryBytes(), sources(spec));
  }

  private static String sources(DomainSpec spec) {
    return spec.getDisksList().stream()
        .map(Disk::getSource)
        .map(Facts::image)
        .collect(Collectors.joining(", "));
  }

  private static String image(Image image) {
    return image.getPath() + " " + image.getFormat();
  }

  private void chain(String disk) {
    try {
      for (ChainImage image : side.domain().chain(disk).getImagesList()) {
        put(
            "chain %s[%d]".formatted(disk, image.getIndex()),
            "%s %s, %d bytes, over '%s'"
                .formatted(
                    image.getPath(),
                    image.getFormat(),
                    image.getVirtualSizeBytes(),
                    image.getBackingReference()));
      }
    } catch (StatusRuntimeException e) {
      put("chain " + disk, side.refusal(e));
    }
  }

  /** Whether definition, hypervisor and headers agree; they need not while a job is at work. */
  private void verification(String disk) {
    if (!side.bench().declared().contains(Capability.CAPABILITY_CHAIN_REPAIR)) {
      return;
    }
    try {
      ChainVerification found =
          side.bench()
              .calls()
              .blocks()
              .verifyChain(
                  VerifyChainRequest.newBuilder()
                      .setDomain(side.domain().ref())
                      .setDisk(disk)
                      .build())
              .getVerification();
      put(
          "agreed " + disk,
          found.getDifferencesList().stream()
              .map(one -> "%s %s, %s".formatted(one.getKind(), one.getPath(), one.getRepair()))
              .collect(Collectors.joining("; ", found.getConsistent() + " ", "")));
    } catch (StatusRuntimeException e) {
      put("agreed " + disk, side.refusal(e));
    }
  }

  private void snapshot(Snapshot snapshot) {
    String key = "snapshot " + snapshot.getName();
    put(
        key,
        "parent '%s', current %s, %s, %s, deleting %s"
            .formatted(
                snapshot.getParent(),
                snapshot.getCurrent(),
                snapshot.getDomainState(),
                snapshot.getConsistency(),
                snapshot.getDeleting()));
    put(
        key + " memory",
        snapshot.hasMemory()
            ? "in '%s' or inside '%s', any at all: %s"
                .formatted(
                    snapshot.getMemory().getPath(),
                    snapshot.getMemory().getDisk(),
                    snapshot.getMemory().getSizeBytes() > 0)
            : "none");
    for (SnapshotDisk disk : snapshot.getDisksList()) {
      put(
          "%s %s".formatted(key, disk.getTarget()),
          "%s, overlay %s, frozen %s, inside %s, lost %s"
              .formatted(
                  disk.getMode(),
                  image(disk.getOverlay()),
                  image(disk.getFrozen()),
                  image(disk.getInside()),
                  disk.getStateLost()));
    }
  }

  private void job(String key, Job job) {
    put(
        key + "state",
        "%s of '%s': %s, completion %s, limit %d, blocked %s, snapshot '%s'"
            .formatted(
                job.getKind(),
                job.getDisk(),
                job.getState(),
                job.getCompletion(),
                job.getSpeedBytesPerSecond(),
                job.getBlocked(),
                job.getSnapshot()));
    put(key + "error", job.hasError() ? Refusal.reasonOf(job.getError()) : "none");
    put(key + "request", request(job.getRequest()));
    JobResult result = job.getResult();
    put(key + "before", images(result.getChainBeforeList()));
    put(key + "after", images(result.getChainAfterList()));
    put(
        key + "result",
        "pivoted %s, invalidated %s, deleted %s, %d warnings"
            .formatted(
                result.getPivoted(),
                result.getInvalidatedPathsList(),
                result.getDeletedPathsList(),
                result.getWarningsCount()));
    put(key + "plan", plan(job.getSnapshotPlan()));
  }

  private static String request(JobRequest request) {
    return "base '%s', top '%s', destination '%s', delete %s, shallow %s, reuse %s"
        .formatted(
            request.getBase(),
            request.getTop(),
            image(request.getDestination()),
            request.getDelete(),
            request.getShallow(),
            request.getReuseExternal());
  }

  private static String images(List<ChainImage> images) {
    return images.stream()
        .map(image -> image.getPath() + " " + image.getFormat())
        .collect(Collectors.joining(", "));
  }

  private static String plan(SnapshotPlan plan) {
    return plan.getStepsList().stream()
        .map(
            step ->
                "%s %s %s into '%s' %s %s"
                    .formatted(
                        step.getDisk(),
                        step.getAction(),
                        step.getImagesList().stream().map(Image::getPath).toList(),
                        step.getInto().getPath(),
                        step.getSnapshot(),
                        step.getState()))
        .collect(Collectors.joining(", "));
  }

  private void file(String name, ImageFormat format) {
    ImageView view = side.bench().world().look(side.image(name, format));
    put("file %s exists".formatted(name), view.exists());
    put("file %s over".formatted(name), view.backingReference());
    put("file %s shows".formatted(name), side.bench().world().contents(side.image(name, format)));
  }
}
