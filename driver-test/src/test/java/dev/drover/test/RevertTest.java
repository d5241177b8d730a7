package dev.drover.test;

import static dev.drover.test.DriverFixture.GUEST;
import static dev.drover.test.DriverFixture.NAME;
import static dev.drover.test.DriverFixture.call;
import static dev.drover.test.DriverFixture.disk;
import static dev.drover.test.DriverFixture.lateCall;
import static dev.drover.test.DriverFixture.refused;
import static dev.drover.test.DriverFixture.spec;
import static dev.drover.test.DriverFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;
import dev.drover.spi.CallContext;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.SetJobSpeedRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R9: disks put back to the moment of a snapshot. */
class RevertTest {

  private final DriverFixture world = new DriverFixture();
  private String moment = "";

  /** A running guest that has written since its snapshot. */
  @BeforeEach
  void snapshotOfARunningGuest() {
    world.running();
    moment = world.guestSha();
    snapshot("one");
    world.guestWrites(write(5, 1, 90));
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void aShutOffDomainGoesBackInANewBranch() {
    destroy();
    Snapshot two = snapshot("two");

    Job job = reverted(request("one"));

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getSnapshot()).isEqualTo("one");
    assertThat(world.paths("vda").subList(0, 2)).containsExactly("/i/active.one-1", "/i/active");
    assertThat(world.guestSha()).isEqualTo(moment);
    assertThat(world.sha(two.getDisks(0).getFrozen().getPath())).isNotEqualTo(moment);
    assertThat(current()).containsExactly("one");
    assertThat(snapshot("three").getParent()).isEqualTo("one");
    assertThat(reverted(request("two")).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.paths("vda").getFirst()).isEqualTo("/i/active.two-1");
    assertThat(reverted(request("one")).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.paths("vda").getFirst()).isEqualTo("/i/active.one-2");
    assertThat(world.exists("/i/active.one-1")).as("what is left behind stays").isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "REVERT_STATE_UNSPECIFIED, DOMAIN_STATE_SHUT_OFF",
    "REVERT_STATE_SHUT_OFF, DOMAIN_STATE_SHUT_OFF",
    "REVERT_STATE_RUNNING, DOMAIN_STATE_RUNNING",
    "REVERT_STATE_PAUSED, DOMAIN_STATE_PAUSED",
  })
  void aRunningDomainIsEndedAndStartedWhereThatIsAskedFor(RevertState target, DomainState state) {
    int before = world.domain().getStatus().getId();

    assertThat(reverted(request("one").setTargetState(target)).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    Domain domain = world.domain();
    assertThat(domain.getStatus().getState()).isEqualTo(state);
    assertThat(domain.getStatus().getId()).isNotEqualTo(before);
    assertThat(domain.getSpec().getDisks(0).getSource().getPath()).isEqualTo("/i/active.one-1");
    assertThat(world.guestSha()).isEqualTo(moment);
  }

  @ParameterizedTest
  @CsvSource({
    "image.create, FAULT_KIND_ERROR, ERROR_REASON_JOB_IO_ERROR",
    "image.create, FAULT_KIND_DISK_FULL, ERROR_REASON_NO_SPACE",
    "revert.prepared, FAULT_KIND_ERROR, ERROR_REASON_JOB_IO_ERROR",
    "revert.prepared, FAULT_KIND_DISK_FULL, ERROR_REASON_NO_SPACE",
    "job.finalize, FAULT_KIND_ERROR, ERROR_REASON_JOB_IO_ERROR",
  })
  void aFailureBeforeTheDisksMoveLeavesTheDomainAsItWas(
      String step, FaultKind kind, ErrorReason reason) {
    // G11
    Domain before = world.domain();
    world.inject(step, kind);

    Job job = reverted(request("one").setTargetState(RevertState.REVERT_STATE_RUNNING));

    failed(job, reason);
    unchanged(before);
    assertThat(reverted(request("one")).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"job.start", "revert.prepared", "job.finalize"})
  void aGuestThatCrashesStopsNothing(String step) {
    world.inject(step, FaultKind.FAULT_KIND_HYPERVISOR_CRASH);
    Job job = reverted(request("one").setTargetState(RevertState.REVERT_STATE_PAUSED));
    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.domain().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(world.guestSha()).isEqualTo(moment);
  }

  @Test
  void aStartOfTheJobThatFailsLeavesNoJob() {
    Domain before = world.domain();
    world.inject("job.start", FaultKind.FAULT_KIND_ERROR);
    refused(ErrorReason.ERROR_REASON_INJECTED_FAULT, () -> revert(request("one")));
    assertThat(world.driver.jobs().orElseThrow().list()).isEmpty();
    unchanged(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"image.create", "revert.prepared"})
  void aCancelInTimeLeavesTheDomainAsItWas(String step) {
    Domain before = world.domain();
    world.inject(step, FaultKind.FAULT_KIND_HANG);
    Job job = reverted(request("one"));
    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    refused(ErrorReason.ERROR_REASON_JOB_STATE_INVALID, () -> setSpeed(job));

    assertThat(cancel(job).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);

    assertThat(cancel(job).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    unchanged(before);
    world.clearFaults();
    unchanged(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"job.finalize", "revert.moved", "domain.start"})
  void onceDecidedItIsTooLateToCancel(String step) {
    world.inject(step, FaultKind.FAULT_KIND_HANG);
    Job job = reverted(request("one").setTargetState(RevertState.REVERT_STATE_RUNNING));
    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_FINALIZING);
    refused(ErrorReason.ERROR_REASON_JOB_STATE_INVALID, () -> cancel(job));
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_BUSY,
        () ->
            world
                .driver
                .domains()
                .destroy(lateCall(), DestroyDomainRequest.newBuilder().setDomain(GUEST).build()));
    world.clearFaults();
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    destroy();
  }

  @Test
  void aCancelThatFailsSaysSoAndLeavesTheDomainAsItWas() {
    Domain before = world.domain();
    world.inject("image.create", FaultKind.FAULT_KIND_HANG);
    Job job = reverted(request("one"));
    world.inject("job.cancel", FaultKind.FAULT_KIND_ERROR);
    refused(ErrorReason.ERROR_REASON_JOB_STATE_INVALID, () -> cancel(job));
    failed(world.job(job.getId()), ErrorReason.ERROR_REASON_JOB_IO_ERROR);
    unchanged(before);
  }

  @ParameterizedTest
  @CsvSource({
    "FAULT_KIND_ERROR, ERROR_REASON_JOB_IO_ERROR",
    "FAULT_KIND_HYPERVISOR_CRASH, ERROR_REASON_HYPERVISOR_START_FAILED",
  })
  void aStartThatFailsLeavesTheDomainShutOffOnTheRevertedDisks(FaultKind kind, ErrorReason reason) {
    world.inject("domain.start", kind);
    Job job = reverted(request("one").setTargetState(RevertState.REVERT_STATE_RUNNING));
    failed(job, reason);
    assertThat(job.getError().getMessage()).contains("are back at snapshot 'one'");
    assertThat(world.domain().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(world.paths("vda").getFirst()).isEqualTo("/i/active.one-1");
    assertThat(current()).containsExactly("one");
    assertThat(world.start(NAME).getStatus().getId()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"remove", "replace"})
  void anOverlayThatWasTakenAwayDoesNotBecomeTheDisk(String what) {
    Domain before = world.domain();
    world.inject("job.finalize", FaultKind.FAULT_KIND_HANG);
    Job job = reverted(request("one"));
    ChangeImageRequest.Builder change = ChangeImageRequest.newBuilder().setPath("/i/active.one-1");
    world
        .driver
        .testControl()
        .orElseThrow()
        .changeImage(
            call(),
            (what.equals("remove") ? change.setRemove(true) : change.setReplace(true)).build());
    world.clearFaults();
    failed(world.job(job.getId()), ErrorReason.ERROR_REASON_JOB_INTERRUPTED);
    assertThat(world.domain()).isEqualTo(before);
  }

  @Test
  void anOverlayThatSomebodyElseMakesMeanwhileIsLeftAlone() {
    // G8
    Domain before = world.domain();
    world.inject("image.create", FaultKind.FAULT_KIND_HANG);
    Job job = reverted(request("one"));
    world.image("/i/active.one-1", "qcow2", "");
    world.clearFaults();
    failed(world.job(job.getId()), ErrorReason.ERROR_REASON_DESTINATION_EXISTS);
    assertThat(world.exists("/i/active.one-1")).isTrue();
    assertThat(world.domain()).isEqualTo(before);
  }

  @Test
  void whatCannotBeDoneIsRefusedBeforeAnythingBegins() {
    refused(
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        () -> revert(request("one").addDisks(overlay("vda", "/i/base"))));
    refused(
        ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
        () -> revert(request("one").addDisks(overlay("vda", "over"))));
    refused(
        ErrorReason.ERROR_REASON_DISK_NOT_FOUND,
        () -> revert(request("one").addDisks(overlay("vdz", "/i/new"))));
    refused(ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND, () -> revert(request("none")));
    world
        .driver
        .testControl()
        .orElseThrow()
        .changeImage(
            call(), ChangeImageRequest.newBuilder().setPath("/i/active").setRemove(true).build());
    refused(ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND, () -> revert(request("one")));
    assertThat(world.driver.jobs().orElseThrow().list()).isEmpty();
    assertThat(world.domain().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }

  @Test
  void anImageThatIsActiveAgainHoldsNoMoment() {
    destroy();
    world.define(NAME, disk("vda", "/i/active"));
    refused(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST, () -> revert(request("one")));
  }

  @Test
  void anImageThatAnotherDomainWritesToHoldsNoMoment() {
    destroy();
    world.define("other", disk("vda", "/i/active"));
    world.start("other");
    refused(ErrorReason.ERROR_REASON_IMAGE_IN_USE, () -> revert(request("one")));
  }

  @Test
  void nobodyBeganToWriteToTheMomentMeanwhile() {
    destroy();
    Domain before = world.domain();
    world.inject("image.create", FaultKind.FAULT_KIND_HANG);
    Job job = reverted(request("one"));
    world.define("other", disk("vda", "/i/active"));
    world.start("other");
    world.clearFaults();
    failed(world.job(job.getId()), ErrorReason.ERROR_REASON_IMAGE_IN_USE);
    unchanged(before);
  }

  @Test
  void aJobHoldsARevertBackAndARevertHoldsJobsBack() {
    // F3, C18
    world.inject("image.create", FaultKind.FAULT_KIND_HANG);
    Job job = reverted(request("one"));
    refused(ErrorReason.ERROR_REASON_DOMAIN_BUSY, () -> pull(lateCall()));
    cancel(job);
    pull(call());
    refused(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> revert(request("one")));
  }

  @Test
  void aTransientDomainIsRefused() {
    world.image("/t/disk", "qcow2", "");
    world
        .driver
        .domains()
        .create(
            call(),
            CreateDomainRequest.newBuilder().setSpec(spec("gone", disk("vda", "/t/disk"))).build());
    DomainRef gone = DomainRef.newBuilder().setName("gone").build();
    world
        .driver
        .snapshots()
        .orElseThrow()
        .create(call(), CreateSnapshotRequest.newBuilder().setDomain(gone).setName("one").build());
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_TRANSIENT, () -> revert(request("one").setDomain(gone)));
  }

  @Test
  void theSameCallIsOneRevertAndACheckChangesNothing() {
    Domain before = world.domain();
    Job checked = revert(request("one").setValidateOnly(true));
    assertThat(checked.getId()).isEmpty();
    assertThat(checked.getSnapshot()).isEqualTo("one");
    unchanged(before);
    Job job = reverted(request("one").setRequestId("once"));
    assertThat(revert(request("one").setRequestId("once")).getId()).isEqualTo(job.getId());
    assertThat(world.paths("vda").getFirst()).isEqualTo("/i/active.one-1");
  }

  private void unchanged(Domain before) {
    assertThat(world.domain()).isEqualTo(before);
    assertThat(world.exists("/i/active.one-1")).isFalse();
    assertThat(world.paths("vda").getFirst()).isEqualTo("/i/active.one");
  }

  private static void failed(Job job, ErrorReason reason) {
    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(job.getError().getDetailsList())
        .anySatisfy(
            detail ->
                assertThat(detail.unpack(ErrorInfo.class).getReason())
                    .isEqualTo(reason.name().substring("ERROR_REASON_".length())));
  }

  private Snapshot snapshot(String name) {
    return world
        .driver
        .snapshots()
        .orElseThrow()
        .create(call(), CreateSnapshotRequest.newBuilder().setDomain(GUEST).setName(name).build())
        .getSnapshot();
  }

  private List<String> current() {
    return world.driver.snapshots().orElseThrow().list(GUEST).stream()
        .filter(Snapshot::getCurrent)
        .map(Snapshot::getName)
        .toList();
  }

  private static RevertSnapshotRequest.Builder request(String snapshot) {
    return RevertSnapshotRequest.newBuilder().setDomain(GUEST).setName(snapshot);
  }

  private static SnapshotDisk overlay(String target, String path) {
    return SnapshotDisk.newBuilder()
        .setTarget(target)
        .setOverlay(Image.newBuilder().setPath(path))
        .build();
  }

  private Job revert(RevertSnapshotRequest.Builder request) {
    return world.driver.snapshots().orElseThrow().revert(call(), request.build());
  }

  /** The job after more virtual time than a revert takes. */
  private Job reverted(RevertSnapshotRequest.Builder request) {
    Job job = revert(request);
    world.advanceSeconds(1);
    return world.job(job.getId());
  }

  private Job cancel(Job job) {
    return world
        .driver
        .jobs()
        .orElseThrow()
        .cancel(call(), CancelJobRequest.newBuilder().setJobId(job.getId()).build());
  }

  private Job setSpeed(Job job) {
    return world
        .driver
        .jobs()
        .orElseThrow()
        .setSpeed(
            call(),
            SetJobSpeedRequest.newBuilder()
                .setJobId(job.getId())
                .setBandwidth(Bandwidth.getDefaultInstance())
                .build());
  }

  private Job pull(CallContext call) {
    return world
        .driver
        .blockJobs()
        .orElseThrow()
        .pull(call, BlockPullRequest.newBuilder().setDomain(GUEST).setDisk("vda").build());
  }

  private void destroy() {
    world
        .driver
        .domains()
        .destroy(call(), DestroyDomainRequest.newBuilder().setDomain(GUEST).build());
  }
}
