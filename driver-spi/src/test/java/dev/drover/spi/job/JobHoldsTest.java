package dev.drover.spi.job;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.drover.spi.FakeTime;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** F1, C18: what a job holds stays as it is, and who wants to change it hears why. */
class JobHoldsTest {

  private static final DomainSpec STORED =
      DomainSpec.newBuilder()
          .setName("web")
          .setUuid("u1")
          .addDisks(disk("vda", "/i/a"))
          .addDisks(disk("vdb", "/i/b"))
          .build();

  private final FakeTime time = new FakeTime();
  private final JobBook book = new JobBook(new MemoryStore(), time, _ -> {});

  private static Disk disk(String target, String path) {
    return Disk.newBuilder().setTarget(target).setSource(Image.newBuilder().setPath(path)).build();
  }

  private void begin(JobKind kind, String disk) {
    Job draft =
        Job.newBuilder()
            .setKind(kind)
            .setDomainName("web")
            .setDomainUuid("u1")
            .setDisk(disk)
            .build();
    book.begin(
        JobOrigin.of(
            time.call(Duration.ofSeconds(1)), BlockPullRequest.getDefaultInstance(), "j1", ""),
        draft,
        _ -> {});
  }

  private static DomainSpec with(int index, Disk disk) {
    return STORED.toBuilder().setDisks(index, disk).build();
  }

  @Test
  void theDiskOfAJobIsNotChanged() {
    begin(JobKind.JOB_KIND_PULL, "vda");
    assertThatCode(() -> book.requireUnchanged(STORED, STORED)).doesNotThrowAnyException();
    assertThatCode(
            () ->
                book.requireUnchanged(
                    STORED, with(1, disk("vdb", "/i/c")).toBuilder().setMemoryBytes(1).build()))
        .doesNotThrowAnyException();
    assertThat(
            refused(
                ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE,
                () -> book.requireUnchanged(STORED, with(0, disk("vda", "/i/c")))))
        .hasMessageStartingWith("disk 'vda' of domain 'web' is held by job j1 (PULL)");
    refused(
        ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE,
        () -> book.requireUnchanged(STORED, STORED.toBuilder().removeDisks(0).build()));
  }

  @Test
  void noDiskIsChangedWhereTheJobHasTheWholeDomain() {
    begin(JobKind.JOB_KIND_SNAPSHOT_DELETE, "");
    assertThatCode(() -> book.requireUnchanged(STORED, STORED)).doesNotThrowAnyException();
    assertThat(
            refused(
                ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE,
                () -> book.requireUnchanged(STORED, with(1, disk("vdb", "/i/c")))))
        .hasMessageStartingWith("domain 'web' is held by job j1 (SNAPSHOT_DELETE)");
  }
}
