package dev.drover.qemu.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.drover.qemu.block.PlannedCopy;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.journal.DoomedFile;
import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.snapshot.RestoredMoment;
import dev.drover.spi.snapshot.RevertPlan;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.ChainImage;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotMemory;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is read from the store is what was written, for every kind of intent (R2). */
class SnapshotIntentsTest {

  private static final String UUID = "6695eb01-f6a4-8304-79aa-97f2502e193f";

  private static final MadeOverlays MADE =
      new MadeOverlays(Optional.of(List.of(new DoomedFile("/images/one", 7, 11, 13))));

  private final MemoryStore store = new MemoryStore();
  private final SnapshotIntents intents = new SnapshotIntents(store);

  @Test
  void aSnapshotIsReadAsItWasWritten() {
    SnapshotIntent intent =
        new CreateIntent(
            Snapshot.newBuilder().setName("one").setDomainUuid(UUID).build(),
            true,
            List.of(
                new MovingDisk(
                    new DiskGraph(
                        "vda",
                        "/machine/vda",
                        List.of(ImageNode.named(image("/images/base"), "vda-1"))),
                    ImageNode.named(image("/images/one"), "vda-2"),
                    true,
                    Optional.empty())),
            List.of(copy()),
            MADE);
    intents.put(intent);
    assertThat(intents.find(UUID)).contains(intent);
    assertThat(intents.list()).containsExactly(intent);
  }

  @Test
  void aSnapshotOfADaemonThatKnewNoCopiesHasNone() {
    store.transact(
        transaction ->
            transaction.put(
                "qemu-snapshot-intents",
                UUID,
                ByteString.copyFromUtf8(
                    "{\"kind\":\"create\",\"snapshot\":\"\",\"keepRecord\":true,\"disks\":[]}")));
    assertThat(intents.find(UUID))
        .contains(
            new CreateIntent(
                Snapshot.getDefaultInstance(),
                true,
                List.of(),
                List.of(),
                MadeOverlays.NOT_RECORDED));
  }

  private static PlannedCopy copy() {
    JournalImage overlay = JournalImage.of(ImageNode.named(image("/images/one"), "vda-2"));
    JournalImage destination = JournalImage.of(ImageNode.named(image("/images/copy"), "vda-3"));
    return new PlannedCopy(
        new JobOrigin("somebody", "job-1", "", ByteString.copyFromUtf8("digest"), ""),
        Job.newBuilder().setDisk("vda").setDomainUuid(UUID).build(),
        new JournalEntry(
            "job-1",
            UUID,
            "vda",
            JournalStep.INTENT,
            new JobWork.Mirror("vda-2", "vda-3", true, false, 0, 0),
            JobEnding.NONE,
            JobEnding.PIVOT,
            "vda-4",
            7,
            List.of(overlay),
            List.of(destination),
            List.of(),
            "/images/copy",
            "",
            0,
            false));
  }

  @Test
  void anInternalSnapshotIsReadAsItWasWritten() {
    SnapshotIntent intent =
        new InsideIntent(
            Snapshot.newBuilder()
                .setName("one")
                .setDomainUuid(UUID)
                .addDisks(SnapshotDisk.newBuilder().setTarget("vda").setInside(inside()))
                .addDisks(SnapshotDisk.newBuilder().setTarget("vdb"))
                .build());

    intents.put(intent);

    assertThat(intents.find(UUID)).contains(intent);
  }

  @Test
  void aRevertIsReadAsItWasWrittenInEveryPhase() {
    for (RevertIntent.Phase phase : RevertIntent.Phase.values()) {
      SnapshotIntent intent =
          new RevertIntent(
              "job",
              UUID,
              "one",
              RevertState.REVERT_STATE_PAUSED,
              List.of(
                  new RevertIntent.RevertedDisk(
                      "vda", image("/images/base"), image("/images/one-1"))),
              phase == RevertIntent.Phase.DECIDED
                  ? List.of(new RevertPlan.Inside("vdb", inside()))
                  : List.of(),
              phase == RevertIntent.Phase.RESTORED ? Optional.of(moment()) : Optional.empty(),
              phase,
              phase == RevertIntent.Phase.PREPARING ? MadeOverlays.NOT_RECORDED : MADE);
      intents.put(intent);
      assertThat(intents.find(UUID)).contains(intent);
    }
    intents.delete(UUID);
    assertThat(intents.list()).isEmpty();
  }

  private static Image inside() {
    return Image.newBuilder()
        .setPath("/images/active")
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }

  private static RestoredMoment moment() {
    return new RestoredMoment(
        SnapshotMemory.newBuilder().setPath("/images/memory").setSizeBytes(7).build(),
        DomainSpec.newBuilder().setName("dom").setMachine("pc-q35-7.2").build());
  }

  private static ChainImage image(String path) {
    return ChainImage.newBuilder()
        .setPath(path)
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .setVirtualSizeBytes(1 << 20)
        .setBackingReference("/images/below")
        .build();
  }
}
