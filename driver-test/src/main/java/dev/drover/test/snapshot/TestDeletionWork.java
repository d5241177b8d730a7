package dev.drover.test.snapshot;

import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.block.Chain;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.snapshot.DeletionWork;
import dev.drover.spi.snapshot.OwnedImage;
import dev.drover.spi.snapshot.Room;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.test.block.BlockFacets;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.BlockNode;
import dev.drover.test.hypervisor.KnownChains;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.Clusters;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletions in the test world: steps are its block jobs, which go on in virtual time. */
public final class TestDeletionWork implements DeletionWork {

  private static final Logger logger = LoggerFactory.getLogger(TestDeletionWork.class);

  private final World world;
  private final BlockFacets block;
  private final KnownChains chains;

  /** Works in a world. */
  public TestDeletionWork(World world, BlockFacets block) {
    this.world = world;
    this.block = block;
    this.chains = new KnownChains(world);
  }

  /** An image that was made for a snapshot or a revert, as the register names it. */
  static OwnedImage owned(String domainUuid, String disk, BlockImage image) {
    return new OwnedImage(
        domainUuid,
        disk,
        Image.newBuilder().setPath(image.path()).setFormat(image.format()).build(),
        Long.toString(image.number()));
  }

  @Override
  public Optional<Chain> active(Domain domain, String disk) {
    boolean known =
        KnownChains.current(domain).getDisksList().stream()
            .filter(Disk::hasSource)
            .anyMatch(now -> now.getTarget().equals(disk));
    if (!known) {
      return Optional.empty();
    }
    GetBackingChainRequest request =
        GetBackingChainRequest.newBuilder()
            .setDomain(DomainRef.newBuilder().setUuid(domain.getSpec().getUuid()))
            .setDisk(disk)
            .build();
    CallContext call =
        new CallContext(Caller.DAEMON, "delete a snapshot", Instant.MAX, () -> false);
    return Optional.of(
        new Chain(
            domain.getSpec().getName(),
            disk,
            block.blockJobs().chain(call, request).getImagesList()));
  }

  @Override
  public Optional<Chain> stored(Domain domain, String disk, Image image) {
    return world
        .lock()
        .get(
            () ->
                world
                    .images()
                    .find(image.getPath())
                    .map(
                        _ ->
                            new Chain(
                                domain.getSpec().getName(),
                                disk,
                                world.images().open(image.getPath(), image.getFormat()).stream()
                                    .map(one -> BlockNode.describe(one, ""))
                                    .toList())));
  }

  @Override
  public boolean isThere(OwnedImage image) {
    return find(image).isPresent();
  }

  private Optional<BlockImage> find(OwnedImage image) {
    return world
        .images()
        .find(image.image().getPath())
        .filter(found -> image.identity().equals(Long.toString(found.number())));
  }

  @Override
  public Optional<String> file(String path) {
    return world.images().find(path).map(image -> Long.toString(image.number()));
  }

  @Override
  public Optional<Room> room(String path) {
    boolean full = world.faults().atStep(FaultStep.SNAPSHOT_ROOM.id()).isPresent();
    long free = world.lock().get(() -> world.images().space().freeBytes());
    return Optional.of(new Room("the test host's disk", full ? 0 : free));
  }

  @Override
  public OptionalLong growth(List<Image> images, Image into) {
    return world.lock().get(() -> OptionalLong.of(growing(images, into)));
  }

  private long growing(List<Image> images, Image into) {
    Set<Long> grown = new HashSet<>();
    images.forEach(image -> grown.addAll(clusters(image)));
    grown.removeAll(clusters(into));
    return Clusters.bytes(grown.size());
  }

  private Set<Long> clusters(Image image) {
    return world.images().find(image.getPath()).map(BlockImage::allocated).orElseGet(TreeSet::new);
  }

  @Override
  public Optional<String> heldElsewhere(String domainUuid, String path) {
    return world
        .images()
        .find(path)
        .flatMap(image -> world.lock().get(() -> chains.elsewhere(domainUuid, image)));
  }

  @Override
  public Job commit(CallContext call, JobOrigin origin, BlockCommitRequest request) {
    return block.blockJobs().commit(call, origin, request);
  }

  @Override
  public Job pull(CallContext call, JobOrigin origin, BlockPullRequest request) {
    return block.blockJobs().pull(call, origin, request);
  }

  @Override
  public Job pullAside(CallContext call, JobOrigin origin, BlockPullRequest request, Image into) {
    return block.blockJobs().pullAside(call, origin, request, into);
  }

  @Override
  public void discard(Domain domain, String disk, Image image, String tag) {
    world.lock().run(() -> world.images().find(image.getPath()).ifPresent(held -> held.letGo(tag)));
  }

  @Override
  public void cancel(CallContext call, String jobId) {
    var _ =
        block
            .jobs()
            .cancel(call, CancelJobRequest.newBuilder().setJobId(jobId).setAsync(true).build());
  }

  @Override
  public Optional<String> remove(String jobId, OwnedImage image) {
    return world.lock().get(() -> remove(image));
  }

  private Optional<String> remove(OwnedImage owned) {
    Optional<BlockImage> image = find(owned);
    if (image.isEmpty()) {
      return world
          .images()
          .find(owned.image().getPath())
          .map(_ -> "it is not the file that was made; it was put there since");
    }
    Optional<String> why =
        chains
            .holder(image.get())
            .or(
                () ->
                    world.disks().used(image.get())
                        ? Optional.of("a domain or a job has it open")
                        : Optional.empty());
    if (why.isEmpty()) {
      world.images().delete(image.get());
    }
    return why;
  }

  @Override
  public void warn(String what, RuntimeException why) {
    logger.warn("{}", what, why);
  }

  @Override
  public void change(
      String domainUuid, Consumer<Domain.Builder> edit, Consumer<StoreTransaction> journal) {
    world
        .lock()
        .run(
            () -> {
              var _ = world.domains().change(domainUuid, edit, journal);
            });
  }
}
