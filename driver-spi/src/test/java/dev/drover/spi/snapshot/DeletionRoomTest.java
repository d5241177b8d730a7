package dev.drover.spi.snapshot;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.FakeTime;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotPlan;
import dev.drover.v1.SnapshotStep;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R3: a deletion looks for room before it begins. */
class DeletionRoomTest {

  private static final Domain GUEST =
      Domain.newBuilder().setSpec(DomainSpec.newBuilder().setName("guest")).build();

  private final FakeWork.Host host = new FakeWork.Host();

  @BeforeEach
  void images() {
    host.size = 10;
    host.parents.put("base", Optional.empty());
    host.parents.put("top", Optional.of("base"));
  }

  @Test
  void whatFitsIsLetThrough() {
    host.free = 4;
    assertThatCode(() -> require(merge(4), merge(4), merge(3))).doesNotThrowAnyException();
  }

  @Test
  void whatDoesNotFitIsRefusedWithWhatItNeedsAndWhere() {
    host.free = 3;
    assertThatThrownBy(() -> require(merge(2), merge(4)))
        .hasMessageContainingAll("'vda'", "'guest'", "4 bytes", "'base'", "the host has 3 free")
        .asInstanceOf(InstanceOfAssertFactories.type(DriverException.class))
        .extracting(DriverException::reason)
        .isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE);
  }

  @Test
  void anImageTakesNoMoreThanItLacksOfTheDisk() {
    host.free = 9;
    assertThatCode(() -> require(merge(100))).doesNotThrowAnyException();
    host.free = 8;
    assertThatThrownBy(() -> require(merge(100))).isInstanceOf(DriverException.class);
  }

  @Test
  void whatBothHoldNeedsNoRoom() {
    host.free = 0;
    host.growth = OptionalLong.of(0);
    assertThatCode(() -> require(merge(5))).doesNotThrowAnyException();
    host.growth = OptionalLong.of(1);
    assertThatThrownBy(() -> require(merge(5))).hasMessageContaining("1 bytes");
  }

  @Test
  void whatMovesNothingNeedsNoRoom() {
    host.free = 0;
    assertThatCode(
            () ->
                require(
                    merge(0),
                    SnapshotStep.newBuilder()
                        .setAction(SnapshotAction.SNAPSHOT_ACTION_REMOVE)
                        .addImages(image("top"))
                        .build()))
        .doesNotThrowAnyException();
  }

  @Test
  void imagesElsewhereGiveNoRoomBack() {
    host.free = 5;
    SnapshotStep elsewhere =
        merge(3).toBuilder().clearImages().addImages(image("/elsewhere/top")).build();
    assertThatThrownBy(() -> require(elsewhere, merge(3))).hasMessageContaining("has 2 free");
  }

  private void require(SnapshotStep... steps) {
    SnapshotPlan.Builder plan = SnapshotPlan.newBuilder();
    for (SnapshotStep step : steps) {
      plan.addSteps(step);
    }
    MemoryStore store = new MemoryStore();
    FakeTime time = new FakeTime();
    FakeWork work =
        new FakeWork(
            host,
            new DomainBook(store, time, _ -> {}),
            new JobBook(store, time, _ -> {}),
            new SnapshotBook(store, time, _ -> {}).owned());
    DeletionRoom.require(work, GUEST, plan.build());
  }

  private static SnapshotStep merge(long bytes) {
    return SnapshotStep.newBuilder()
        .setDisk("vda")
        .setAction(SnapshotAction.SNAPSHOT_ACTION_COMMIT)
        .addImages(image("top"))
        .setInto(image("base"))
        .setBytesToMove(bytes)
        .build();
  }

  private static Image image(String path) {
    return Image.newBuilder().setPath(path).build();
  }
}
