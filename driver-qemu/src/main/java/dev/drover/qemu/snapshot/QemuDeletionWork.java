package dev.drover.qemu.snapshot;

import dev.drover.qemu.block.FileRemoval;
import dev.drover.qemu.block.ImageHolders;
import dev.drover.qemu.block.LiveDisks;
import dev.drover.qemu.block.QemuBlock;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.FileIdentity;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.spi.CallContext;
import dev.drover.spi.block.Chain;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.snapshot.DeletionWork;
import dev.drover.spi.snapshot.OwnedImage;
import dev.drover.spi.snapshot.Room;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletions on QEMU: images are files of the host, and steps are the block jobs of clients. */
final class QemuDeletionWork implements DeletionWork {

  private static final Logger logger = LoggerFactory.getLogger(QemuDeletionWork.class);

  private final DomainBook domains;
  private final LiveDomains lives;
  private final QemuBlock block;
  private final LiveDisks disks;
  private final FileRemoval removal;
  private final ImageHolders holders;
  private final ChainReader chains;
  private final InsideImages inside;

  QemuDeletionWork(
      DomainBook domains,
      LiveDomains lives,
      QemuBlock block,
      ChainReader chains,
      InsideImages inside) {
    this.inside = inside;
    this.domains = domains;
    this.lives = lives;
    this.block = block;
    this.disks = block.disks();
    this.removal = block.removal();
    this.holders = block.holders();
    this.chains = chains;
  }

  @Override
  public Optional<Chain> active(Domain domain, String disk) {
    return disks.disks(domain).stream()
        .filter(now -> now.getTarget().equals(disk))
        .filter(Disk::hasSource)
        .findFirst()
        .map(now -> disks.chain(domain, now.getTarget()));
  }

  @Override
  public Optional<Chain> stored(Domain domain, String disk, Image image) {
    return ImageFiles.isThere(image.getPath())
        ? Optional.of(chains.read(domain.getSpec().getName(), disk, image))
        : Optional.empty();
  }

  @Override
  public boolean isThere(OwnedImage image) {
    return ImageFiles.asked(image.image().getPath(), () -> OverlayFiles.file(image).stillThere());
  }

  @Override
  public Optional<String> file(String path) {
    return ImageFiles.asked(path, () -> FileIdentity.of(Path.of(path))).map(FileIdentity::toString);
  }

  @Override
  public Optional<Room> room(String path) {
    return MergeRoom.room(path);
  }

  @Override
  public OptionalLong growth(List<Image> images, Image into) {
    return MergeRoom.growth(images, into);
  }

  @Override
  public Optional<String> heldElsewhere(String domainUuid, String path) {
    return holders.elsewhere(domainUuid, path);
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
    inside.letGo(lives.find(domain.getSpec().getUuid()), disk, image, tag);
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
    return removal.remove(jobId, List.of(OverlayFiles.file(image))).warnings().stream().findFirst();
  }

  @Override
  public void warn(String what, RuntimeException why) {
    logger.warn("{}", what, why);
  }

  @Override
  public void change(
      String domainUuid, Consumer<Domain.Builder> edit, Consumer<StoreTransaction> journal) {
    Optional<LiveDomain> live = lives.find(domainUuid);
    if (live.isPresent()) {
      live.get().change(domains, List.of(), edit, journal);
    } else {
      var _ = domains.change(domainUuid, edit, journal);
    }
  }
}
