package dev.drover.spi.snapshot;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.LiveMemory;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotMemory;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R9: whether and where memory is taken. */
class MemoryPlanTest {

  private static final DomainSpec SPEC =
      DomainSpec.newBuilder()
          .setName("guest")
          .setUuid("u")
          .addDisks(disk("vda", "/i/a.qcow2"))
          .addDisks(disk("vdb", "/i/b.iso").toBuilder().setReadOnly(true))
          .addDisks(Disk.newBuilder().setTarget("vdc"))
          .build();

  private final FakeFiles files = new FakeFiles().chain("/i/a.qcow2").chain("/i/b.iso");

  @Test
  void memoryGoesIntoTheFileThatIsNamed() {
    assertThat(plan(DomainState.DOMAIN_STATE_RUNNING, request("/m/../m/one")))
        .contains(SnapshotMemory.newBuilder().setPath("/m/one").build());
    assertThat(plan(DomainState.DOMAIN_STATE_SHUT_OFF, CreateSnapshotRequest.getDefaultInstance()))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"SHUT_OFF", "CRASHED"})
  void aGuestThatDoesNotRunHasNone(String state) {
    DriverException failure =
        refused(
            ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING,
            () -> plan(DomainState.valueOf("DOMAIN_STATE_" + state), request("/m/one")));
    assertThat(failure.metadata()).containsEntry("domain", "guest");
  }

  @ParameterizedTest
  @CsvSource({
    "/i/a.qcow2, DESTINATION_EXISTS",
    "/i/a.s, DESTINATION_EXISTS",
    "/sealed/one, IMAGE_ACCESS_DENIED",
    "one, PATH_NOT_ALLOWED"
  })
  void theFileMustBeNewAndMakeable(String path, String reason) {
    refused(
        ErrorReason.valueOf("ERROR_REASON_" + reason),
        () -> plan(DomainState.DOMAIN_STATE_PAUSED, request(path)));
  }

  @Test
  void aPausedGuestCannotRunOnMeanwhile() {
    CreateSnapshotRequest live =
        request("/m/one").toBuilder().setLiveMemory(LiveMemory.getDefaultInstance()).build();

    assertThat(plan(DomainState.DOMAIN_STATE_RUNNING, live)).isPresent();
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_STATE_INVALID,
        () -> plan(DomainState.DOMAIN_STATE_PAUSED, live));
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING,
        () -> plan(DomainState.DOMAIN_STATE_SHUT_OFF, live));
  }

  @Test
  void aGuestThatRunsOnIsHeldAMinuteLaterUnlessTheClientSaysOtherwise() {
    LiveMemory.Builder live = LiveMemory.newBuilder();
    CreateSnapshotRequest.Builder request = request("/m/one").toBuilder();

    assertThat(MemoryPlan.holdAfter(request.build())).isEmpty();
    assertThat(MemoryPlan.holdAfter(request.setLiveMemory(live).build()))
        .contains(Duration.ofMinutes(1));
    live.getHoldAfterBuilder().setSeconds(5);
    assertThat(MemoryPlan.holdAfter(request.setLiveMemory(live).build()))
        .contains(Duration.ofSeconds(5));
  }

  @Test
  void everyDiskThatIsWrittenToTakesPart() {
    DomainSpec two = SPEC.toBuilder().addDisks(disk("vdd", "/i/b.iso")).build();
    CreateSnapshotRequest request =
        request("/m/one").toBuilder()
            .addDisks(
                SnapshotDisk.newBuilder()
                    .setTarget("vdd")
                    .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED))
            .build();

    DriverException failure =
        refused(
            ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
            () -> plan(two, DomainState.DOMAIN_STATE_RUNNING, request));

    assertThat(failure.metadata()).containsEntry("field", "disks");
    assertThat(failure).hasMessageContaining("'vdd'");
  }

  private Optional<SnapshotMemory> plan(DomainState state, CreateSnapshotRequest request) {
    return plan(SPEC, state, request);
  }

  private Optional<SnapshotMemory> plan(
      DomainSpec spec, DomainState state, CreateSnapshotRequest request) {
    Domain domain =
        Domain.newBuilder()
            .setSpec(spec)
            .setStatus(DomainStatus.newBuilder().setState(state))
            .build();
    return MemoryPlan.of(domain, SnapshotPlan.of(spec, "s", request, files), request, files);
  }

  private static CreateSnapshotRequest request(String path) {
    return CreateSnapshotRequest.newBuilder()
        .setMemory(SnapshotMemory.newBuilder().setPath(path))
        .build();
  }

  private static Disk disk(String target, String path) {
    return Disk.newBuilder()
        .setTarget(target)
        .setSource(Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))
        .build();
  }
}
