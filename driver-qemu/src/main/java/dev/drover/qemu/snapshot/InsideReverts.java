package dev.drover.qemu.snapshot;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.domain.Restoration;
import dev.drover.qemu.memory.MemoryJob;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.snapshot.RestoredMoment;
import dev.drover.spi.snapshot.RevertPlan;
import dev.drover.spi.snapshot.SnapshotKinds;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the disks of a shut-off domain back within their images, all or none (R9). Before the first
 * goes back each image keeps what it holds under the id of the revert's job; that is where all
 * return to if one cannot go back, and it goes once the revert is on record. No disk has gone back
 * before all images keep that, so wherever the daemon dies the images tell how far it was.
 */
final class InsideReverts {

  private static final Logger logger = LoggerFactory.getLogger(InsideReverts.class);

  private final LiveDomains lives;
  private final InsideImages images;

  InsideReverts(LiveDomains lives, InsideImages images) {
    this.lives = lives;
    this.images = images;
  }

  /** Whether every image still keeps the moment, with its memory where that is wanted. */
  static boolean kept(RevertIntent intent) {
    String memory =
        intent
            .moment()
            .map(RestoredMoment::memory)
            .filter(held -> held.getPath().isEmpty())
            .map(held -> held.getDisk())
            .orElse("");
    return intent.inside().stream()
        .allMatch(
            disk ->
                InsideImages.find(disk.image(), tag(intent)).orElse(-1)
                    >= (disk.target().equals(memory) ? 1 : 0));
  }

  /**
   * Puts all disks back. May be done again after any part of it.
   *
   * @throws DriverException where one cannot go back; {@link #undo} must be called then
   */
  void apply(RevertIntent intent) {
    String before = before(intent);
    for (RevertPlan.Inside disk : intent.inside()) {
      if (!InsideImages.keeps(disk.image(), before)) {
        images.keep(disk.image(), before);
      }
    }
    for (RevertPlan.Inside disk : intent.inside()) {
      images.goBack(disk.image(), tag(intent));
    }
  }

  /**
   * Has all disks hold again what they held before {@link #apply}; does nothing where it was not
   * begun.
   */
  void undo(RevertIntent intent) {
    String before = before(intent);
    for (RevertPlan.Inside disk : intent.inside()) {
      if (InsideImages.keeps(disk.image(), before)) {
        images.goBack(disk.image(), before);
        images.letGo(lives.find(intent.domainUuid()), disk.target(), disk.image(), before);
      }
    }
  }

  /** Lets go of what the disks held before, once the revert is on record. */
  void finish(RevertIntent intent) {
    for (RevertPlan.Inside disk : intent.inside()) {
      try {
        images.letGo(lives.find(intent.domainUuid()), disk.target(), disk.image(), before(intent));
      } catch (DriverException e) {
        logger.warn(
            "Image {} still keeps '{}' from before a revert; it can be removed with qemu-img",
            disk.image().getPath(),
            before(intent),
            e);
      }
    }
  }

  /** How a QEMU begins whose guest goes on from memory that an image keeps. */
  static Restoration restoration(RevertIntent intent, RestoredMoment moment) {
    return new Restoration(
        moment.spec(),
        false,
        live ->
            MemoryJob.load(
                live,
                tag(intent),
                node(live, moment.memory().getDisk()),
                nodes(live, intent.inside())));
  }

  private static List<String> nodes(LiveDomain live, List<RevertPlan.Inside> disks) {
    return disks.stream().map(disk -> node(live, disk.target())).toList();
  }

  private static String node(LiveDomain live, String target) {
    return live.disk(target).active().formatNode();
  }

  private static String tag(RevertIntent intent) {
    return SnapshotKinds.tag(intent.snapshot());
  }

  /** No snapshot is called like it. */
  private static String before(RevertIntent intent) {
    return "@" + intent.jobId();
  }
}
