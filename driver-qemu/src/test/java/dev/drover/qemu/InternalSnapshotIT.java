package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.DomainState;
import dev.drover.v1.EventKind;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** R9: what images of a real guest keep inside themselves, taken and given back. */
@Tag("qemu")
class InternalSnapshotIT {

  private final QemuWorld world = new QemuWorld();
  private final InternalBench bench = new InternalBench(world);

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  @Test
  void aRunningGuestGoesOnFromTheMemoryThatItsImageKeeps() {
    world.openDriver();
    CountingGuest guest = bench.counting();
    world.start("dom");
    int before = guest.awaitBeyond(5);

    Snapshot snapshot = bench.create("one", true);

    assertThat(snapshot.getMemory().getSizeBytes()).isPositive();
    assertThat(snapshot.getMemory().getDisk()).isEqualTo("vda");
    assertThat(snapshot.getDomainSpec().getMachine()).startsWith("pc-q35-");
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(
            world.events().stream()
                .filter(event -> event.kind() == EventKind.EVENT_KIND_DOMAIN_SUSPENDED))
        .isEmpty();
    int later = guest.awaitBeyond(guest.numbers().getLast() + 40);

    assertThat(bench.ended(bench.revert("one", RevertState.REVERT_STATE_UNSPECIFIED)).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    guest.awaitBeyond(before);
    assertThat(guest.numbers().getFirst()).isGreaterThanOrEqualTo(before).isLessThan(later - 20);
    var _ = bench.create("two", true);
    guest.awaitBeyond(guest.numbers().getLast());
    assertThat(bench.delete("one").getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.kept(image())).contains("two").doesNotContain("one", "@");
    world.destroy("dom");
    assertThat(bench.delete("two").getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.kept(image())).doesNotContain("two");
    bench.assertSound(image());
  }

  @Test
  void aPausedGuestStaysPausedAndIsTakenAgain() {
    world.openDriver();
    CountingGuest guest = bench.counting();
    world.start("dom");
    guest.awaitBeyond(5);
    world.suspend("dom");
    int before = guest.numbers().getLast();

    var _ = bench.create("one", true);
    var _ = bench.create("two", true);

    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    world.destroy("dom");
    assertThat(bench.ended(bench.revert("two", RevertState.REVERT_STATE_UNSPECIFIED)).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(guest.numbers()).isEmpty();
    world.resume("dom");
    guest.awaitBeyond(before);
    assertThat(guest.numbers().getFirst()).isGreaterThanOrEqualTo(before);
  }

  private Path image() {
    return world.images().resolve("dom.qcow2");
  }

  private DomainState state() {
    return world.get("dom").getStatus().getState();
  }
}
