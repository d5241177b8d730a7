package dev.drover.spi.domain;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.FakeTime;
import dev.drover.spi.activity.Activity;
import dev.drover.spi.activity.Work;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DomainLanesTest {

  private final FakeTime time = new FakeTime();
  private final List<String> told = new ArrayList<>();
  private final DomainLanes lanes = new DomainLanes(time, this::begin);

  private Activity begin(Work work) {
    told.add("begin " + work);
    return new Activity() {
      @Override
      public void gaveUp() {
        told.add("gave up " + work);
      }

      @Override
      public void end(Outcome outcome) {
        told.add(outcome + " " + work);
      }
    };
  }

  @Test
  void heldLaneIsRefusedAtTheDeadlineNamingWhatHoldsIt() {
    // R4, R10
    DomainLanes.Pass held = enter("one", "start");
    DriverException busy =
        refused(ErrorReason.ERROR_REASON_DOMAIN_BUSY, () -> enter("one", "destroy"));
    assertThat(busy.metadata()).containsEntry("operation", "start");
    held.close();
    enter("one", "destroy").close();
  }

  @Test
  void domainsDoNotWaitForEachOther() {
    // R4
    try (DomainLanes.Pass _ = enter("one", "start");
        DomainLanes.Pass two = enter("two", "start")) {
      assertThat(two).isNotNull();
    }
  }

  @Test
  void passClosedTwiceFreesTheLaneOnce() {
    DomainLanes.Pass first = enter("one", "start");
    first.close();
    DomainLanes.Pass second = enter("one", "reset");
    first.close();
    refused(ErrorReason.ERROR_REASON_DOMAIN_BUSY, () -> enter("one", "destroy"));
    second.close();
  }

  /** R4: who has a lane and who waits for it can be shown at any time. */
  @Test
  void tellsWhoHoldsALaneAndWhoWaits() {
    DomainLanes.Pass held = enter("one", "start");
    refused(ErrorReason.ERROR_REASON_DOMAIN_BUSY, () -> enter("one", "destroy"));
    held.close();
    held.close();

    Work holding = new Work.LaneHeld("one", "one", "start");
    Work waiting = new Work.LaneAwaited("one", "one", "destroy");
    assertThat(told)
        .containsExactly(
            "begin " + holding, "begin " + waiting, "TIMED_OUT " + waiting, "DONE " + holding);
  }

  @Test
  void aChangeSeesTheDomainAsItIsInTheLane() {
    DomainBook book = new DomainBook(new MemoryStore(), time, _ -> {});
    book.define(DomainSpec.newBuilder().setName("one").setUuid("one").build(), "");
    DomainRef ref = DomainRef.newBuilder().setName("one").build();

    Domain changed =
        lanes.change(
            time.call(Duration.ZERO),
            book,
            ref,
            "start",
            domain -> {
              refused(ErrorReason.ERROR_REASON_DOMAIN_BUSY, () -> enter("one", "destroy"));
              return domain.toBuilder().setEtag("changed").build();
            });

    assertThat(changed.getEtag()).isEqualTo("changed");
    assertThat(changed.getSpec().getUuid()).isEqualTo("one");
    enter("one", "destroy").close();
    book.remove("one");
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND,
        () -> lanes.change(time.call(Duration.ZERO), book, ref, "start", domain -> domain));
  }

  private DomainLanes.Pass enter(String uuid, String operation) {
    return lanes.enter(time.call(Duration.ZERO), uuid, uuid, operation);
  }
}
