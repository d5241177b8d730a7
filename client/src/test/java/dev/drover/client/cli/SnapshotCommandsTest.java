package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.client.FakeDaemon;
import dev.drover.client.FakeDomains;
import dev.drover.client.FakeSnapshots;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotMemory;
import dev.drover.v1.SnapshotPlan;
import dev.drover.v1.SnapshotScope;
import dev.drover.v1.SnapshotStepState;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class SnapshotCommandsTest { // R9
  private static final String JOB = FakeSnapshots.JOB;

  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);

  @BeforeEach
  void domain() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 1);
  }

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  private CompletableFuture<CommandLineRun.Result> watched(String... arguments) {
    CompletableFuture<CommandLineRun.Result> run = drover.begin(arguments);
    await().until(() -> daemon.jobs.watchers(JOB) == 1 && drover.interrupts.awaited());
    return run;
  }

  private CommandLineRun.Result succeeding(String... arguments) {
    CompletableFuture<CommandLineRun.Result> run = watched(arguments);
    daemon.jobs.move(JOB, JobState.JOB_STATE_SUCCEEDED);
    return run.join();
  }

  @Test
  void aDeletionIsWaitedFor() {
    CommandLineRun.Result result = succeeding("snapshot-delete", "web", "one");

    assertThat(result.code()).isZero();
    assertThat(result.out()).isEqualTo("Domain snapshot one deleted\n\n");
    assertThat(result.err().lines().toList().getLast())
        .isEqualTo("Snapshot Delete: [100.00 %] succeeded");
    assertThat(daemon.snapshots.deleted)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getDomain().getName()).isEqualTo("web");
              assertThat(request.getName()).isEqualTo("one");
              assertThat(request.getScope()).isEqualTo(SnapshotScope.SNAPSHOT_SCOPE_ONE);
              assertThat(request.getMetadataOnly()).isFalse();
              assertThat(request.getValidateOnly()).isFalse();
            });
  }

  @ParameterizedTest
  @CsvSource({
    "snapshot-delete web one --children, one, WITH_CHILDREN, one deleted",
    "snapshot-delete web one --children-only, one, CHILDREN_ONLY, one children deleted",
    "snapshot-delete web --snapshotname two, two, ONE, two deleted",
    "snapshot-delete --snapshotname=two --domain web, two, ONE, two deleted",
    "snapshot-delete web --current, three, ONE, three deleted",
  })
  void whatIsDeletedIsSaidInVirshsWords(
      String command, String name, String scope, String confirmation) {
    assertThat(succeeding(command.split(" ")).out())
        .isEqualTo("Domain snapshot %s\n\n".formatted(confirmation));

    assertThat(daemon.snapshots.deleted.getLast().getName()).isEqualTo(name);
    assertThat(daemon.snapshots.deleted.getLast().getScope())
        .isEqualTo(SnapshotScope.valueOf("SNAPSHOT_SCOPE_" + scope));
  }

  @Test
  void recordsAloneNeedNoWaiting() {
    assertThat(drover.run("snapshot-delete", "web", "one", "--metadata"))
        .isEqualTo(new CommandLineRun.Result(0, "Domain snapshot one deleted\n\n", ""));
    assertThat(daemon.snapshots.deleted.getLast().getMetadataOnly()).isTrue();
    assertThat(daemon.calls("WatchJob")).isZero();
  }

  @Test
  void withoutWaitingTheJobIsNamed() {
    assertThat(drover.run("snapshot-delete", "web", "one", "--no-wait").out())
        .isEqualTo("Job '%s' started\n\n".formatted(JOB));
  }

  @Test
  void aPlanTellsEachDisksImages() {
    assertThat(drover.run("snapshot-delete", "web", "one", "--children", "--plan"))
        .isEqualTo(
            new CommandLineRun.Result(
                0,
                """
                 Disk   Action   Images                             Into                Bytes     Detail
                --------------------------------------------------------------------------------------------------------
                 vda    commit   /images/web.one, /images/web.two   /images/web.qcow2   3.0 MiB   -
                 vdb    keep     /images/data.one                   -                   0 B       read by two branches

                2 images go, 3.0 MiB move; nothing was changed.

                """,
                ""));
    assertThat(daemon.snapshots.deleted)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getValidateOnly()).isTrue();
              assertThat(request.getScope()).isEqualTo(SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN);
            });
    assertThat(daemon.calls("WatchJob")).isZero();
  }

  @Test
  void aPlanForProgramsIsTheApisMessage() {
    assertThat(drover.run("-o", "json", "snapshot-delete", "web", "one", "--plan").out())
        .startsWith("{\n")
        .contains("\"action\": \"SNAPSHOT_ACTION_COMMIT\"", "\"bytes_to_move\": \"3145728\"");
    assertThat(drover.run("-o", "yaml", "snapshot-delete", "web", "one", "--plan").out())
        .startsWith("steps:\n")
        .contains("action: SNAPSHOT_ACTION_KEEP", "detail: read by two branches");
  }

  @Test
  void aDeletionThatEndedForSomeDisksSaysWhich() { // R3
    CompletableFuture<CommandLineRun.Result> run = watched("snapshot-delete", "web", "one");
    SnapshotPlan.Builder plan = FakeSnapshots.PLAN.toBuilder();
    plan.getStepsBuilder(0)
        .setState(SnapshotStepState.SNAPSHOT_STEP_STATE_FAILED)
        .setDetail("No space left on device");
    daemon.jobs.change(
        JOB,
        job ->
            job.setState(JobState.JOB_STATE_FAILED)
                .setSnapshotPlan(plan)
                .setError(
                    FakeDaemon.status(
                        ErrorReason.ERROR_REASON_SNAPSHOT_DELETE_INCOMPLETE,
                        Status.Code.ABORTED,
                        "Snapshot 'one' was deleted for 1 of 2 disks",
                        Map.of())));

    CommandLineRun.Result result = run.join();

    assertThat(result.code()).isOne();
    assertThat(result.out()).isEqualTo("Deletion failed\n");
    assertThat(result.err())
        .endsWith(
            """
            error: Snapshot 'one' was deleted for 1 of 2 disks
            error: Disk 'vda', commit of /images/web.one, /images/web.two: No space left on device
            """);
    assertThat(drover.run("job", "show", JOB).out())
        .contains("Snapshot:       one")
        .contains("failed    No space left on device", "pending   read by two branches");
  }

  @Test
  void ctrlCLeavesTheDeletionAlone() {
    CompletableFuture<CommandLineRun.Result> run = watched("snapshot-delete", "web", "one");

    drover.interrupts.press();

    assertThat(run.join().code()).isOne();
    assertThat(run.join().err())
        .endsWith("error: Stopped following job '%s'; it goes on and is running\n".formatted(JOB));
    assertThat(daemon.calls("CancelJob")).isZero();
  }

  @Test
  void aDeletionThatIsRefusedIsTwoErrorLines() { // R18
    assertThat(drover.run("snapshot-delete", "web", "none"))
        .isEqualTo(
            new CommandLineRun.Result(
                1,
                "",
                """
                error: Failed to delete snapshot 'none' of domain 'web'
                error: Snapshot 'none' does not exist
                """));
  }

  @ParameterizedTest
  @CsvSource({
    "snapshot-revert web two, two, UNSPECIFIED",
    "snapshot-revert web two --running, two, RUNNING",
    "snapshot-revert web --current --paused, three, PAUSED",
  })
  void aRevertIsWaitedFor(String command, String name, String state) {
    assertThat(succeeding(command.split(" ")).out())
        .isEqualTo("Domain snapshot %s reverted\n\n".formatted(name));

    assertThat(daemon.snapshots.reverted.getLast().getName()).isEqualTo(name);
    assertThat(daemon.snapshots.reverted.getLast().getTargetState())
        .isEqualTo(RevertState.valueOf("REVERT_STATE_" + state));
  }

  @Test
  void aRevertThatFailsSaysWhy() {
    CompletableFuture<CommandLineRun.Result> run = watched("snapshot-revert", "web", "two");
    daemon.jobs.change(
        JOB,
        job ->
            job.setState(JobState.JOB_STATE_FAILED)
                .setError(
                    FakeDaemon.status(
                        ErrorReason.ERROR_REASON_NO_SPACE,
                        Status.Code.RESOURCE_EXHAUSTED,
                        "No space for the overlay",
                        Map.of())));

    assertThat(run.join().code()).isOne();
    assertThat(run.join().err()).endsWith("error: No space for the overlay\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "snapshot-create-as web one --diskspec vda,snapshot=external | Say whether memory is taken:"
            + " --disk-only leaves it out, and --memspec names a file for it",
        "snapshot-create-as web one --no-metadata | Say whether memory is taken: --disk-only leaves"
            + " it out, and --memspec names a file for it",
        "snapshot-create-as web one --disk-only --memspec /m | --disk-only leaves memory out; give"
            + " no file for it",
        "snapshot-create-as web one --memspec snapshot=external | Memory 'snapshot=external': an"
            + " external snapshot of memory needs a file",
        "snapshot-create-as web one --memspec /m,snapshot=internal | Memory"
            + " '/m,snapshot=internal': a file means nothing with snapshot=internal",
        "snapshot-create-as web one --memspec /m,snapshot=manual | Memory '/m,snapshot=manual':"
            + " snapshot 'manual' is not supported: use external, internal or no",
        "snapshot-create-as web one --memspec /m,speed=1 | Memory '/m,speed=1': 'speed=1' is not"
            + " one of file=, snapshot=",
        "snapshot-delete web | --snapshotname or --current is required",
        "snapshot-info web | --snapshotname or --current is required",
        "snapshot-info web one --current | Options --snapshotname and --current are mutually"
            + " exclusive",
        "snapshot-delete web one --current | Options --snapshotname and --current are mutually"
            + " exclusive",
        "snapshot-delete web one --children --children-only | Options --children and"
            + " --children-only are mutually exclusive",
        "snapshot-delete web one --plan --no-wait | Options --plan and --no-wait are mutually"
            + " exclusive",
        "snapshot-revert web one --running --paused | Options --running and --paused are mutually"
            + " exclusive",
        "snapshot-list web --tree --name | Options --tree and --name are mutually exclusive",
        "snapshot-list web --parent --roots | Options --parent and --roots are mutually exclusive",
        "snapshot-list web --tree --leaves | Options --leaves and --tree are mutually exclusive",
        "snapshot-list web --from one --current | Options --from and --current are mutually"
            + " exclusive",
        "snapshot-list web --descendants | --descendants requires either --from or --current",
        "snapshot-parent web one | snapshot 'one' has no parent",
      })
  void mistakesAreNamed(String command, String error) {
    CommandLineRun.Result result = drover.run(command.split(" "));

    assertThat(result).isEqualTo(new CommandLineRun.Result(1, "", "error: " + error + "\n"));
    assertThat(daemon.calls("DeleteSnapshot") + daemon.calls("RevertSnapshot")).isZero();
  }

  @Test
  void aDomainMayHaveNoCurrentSnapshot() {
    daemon.snapshots.snapshots = List.of(FakeSnapshots.snapshot("one", ""));

    for (String verb :
        List.of("snapshot-delete --current", "snapshot-current", "snapshot-parent --current")) {
      assertThat(drover.run((verb + " web").split(" ")))
          .isEqualTo(
              new CommandLineRun.Result(1, "", "error: domain 'web' has no current snapshot\n"));
    }
  }

  @Test
  void oneSnapshotHasVirshsLabels() {
    assertThat(drover.run("snapshot-info", "web", "one").out())
        .isEqualTo(
            """
            Name:           one
            Domain:         web
            Current:        no
            State:          disk-snapshot
            Location:       external
            Parent:         -
            Children:       2
            Descendants:    3
            Metadata:       yes
            Created:        2023-11-14 22:13:20 +0000
            Disks:          vda, vdb (left out)

            """);
    assertThat(drover.run("snapshot-info", "web", "--current").out())
        .contains("Name:           three", "Current:        yes", "Descendants:    0");
  }

  @Test
  void oneLineIsEnoughForParentAndCurrent() {
    assertThat(drover.run("snapshot-parent", "web", "three").out()).isEqualTo("two\n\n");
    assertThat(drover.run("snapshot-parent", "web", "--current").out()).isEqualTo("two\n\n");
    assertThat(drover.run("snapshot-current", "web", "--name").out()).isEqualTo("three\n\n");
    assertThat(drover.run("-o", "json", "snapshot-parent", "web", "three").out())
        .contains("\"name\": \"two\"");
  }

  @Test
  void theCurrentSnapshotIsPrintedAsXmlElse() {
    assertThat(drover.run("snapshot-current", "web").out())
        .isEqualTo(drover.run("snapshot-dumpxml", "web", "three").out())
        .contains("  <name>three</name>\n");
    assertThat(drover.run("-o", "yaml", "snapshot-dumpxml", "web", "three").out())
        .startsWith("name: three\n");
  }

  @Test
  void anInternalSnapshotIsShownAsSuch() {
    daemon.snapshots.snapshots =
        List.of(
            FakeSnapshots.snapshot("one", "").toBuilder()
                .clearDisks()
                .addDisks(
                    SnapshotDisk.newBuilder()
                        .setTarget("vda")
                        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL)
                        .setInside(
                            Image.newBuilder()
                                .setPath("/images/web.qcow2")
                                .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)))
                .setMemory(SnapshotMemory.newBuilder().setDisk("vda").setSizeBytes(4096))
                .build());

    assertThat(drover.run("snapshot-info", "web", "one").out())
        .contains("Location:       internal", "Memory:         in vda");
    assertThat(drover.run("snapshot-dumpxml", "web", "one").out())
        .contains(
            "<memory snapshot='internal'/>",
            "<disk name='vda' snapshot='internal'/>",
            "<source file='/images/web.qcow2'/>");
    assertThat(drover.run("snapshot-list", "web", "--internal", "--name").out()).contains("one");
    assertThat(drover.run("snapshot-list", "web", "--external", "--name").out())
        .doesNotContain("one");
  }

  @Test
  void aJobOfTheWholeDomainHasNoDisk() {
    daemon.jobs.put(
        Job.newBuilder()
            .setId(JOB)
            .setDomainName("web")
            .setState(JobState.JOB_STATE_RUNNING)
            .build());

    assertThat(drover.run("job", "show", JOB).out())
        .contains("Disk:           -\n")
        .doesNotContain("Snapshot:");
  }

  @Test
  void aSnapshotThatIsBeingDeletedSaysSo() { // R3
    daemon.snapshots.snapshots =
        List.of(FakeSnapshots.snapshot("one", "").toBuilder().setDeleting(true).build());

    assertThat(drover.run("snapshot-list", "web").out()).contains("disk-snapshot, deleting");
    assertThat(drover.run("snapshot-dumpxml", "web", "one").out())
        .contains("<state>disk-snapshot</state>", FakeDomains.uuid("web"));
  }

  @Test
  void aSnapshotWhoseStateIsLostSaysByWhat() { // R3
    Snapshot.Builder lost = FakeSnapshots.snapshot("one", "").toBuilder();
    lost.getDisksBuilder(0).setStateLost(true).setLostByJob(JOB);
    daemon.snapshots.snapshots = List.of(lost.build());

    assertThat(drover.run("snapshot-list", "web").out()).contains("disk-snapshot, state lost");
    assertThat(drover.run("snapshot-info", "web", "one").out())
        .contains("Disks:          vda (state lost by job " + JOB + "), vdb (left out)\n");
    String xml = drover.run("snapshot-dumpxml", "web", "one").out().strip();
    assertThat(xml).contains("    <!-- the state of disk 'vda' was lost by job " + JOB + " -->\n");
    assertThat(SnapshotDocument.parse("s.xml", xml.getBytes(StandardCharsets.UTF_8)).request())
        .isEqualTo(
            SnapshotDocument.parse(
                    "s.xml",
                    SnapshotXml.write(FakeSnapshots.snapshot("one", ""))
                        .getBytes(StandardCharsets.UTF_8))
                .request());
  }
}
