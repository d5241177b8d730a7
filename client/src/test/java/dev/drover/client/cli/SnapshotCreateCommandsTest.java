package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import dev.drover.client.FakeSnapshots;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.DomainState;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code snapshot-create} and {@code snapshot-create-as} ask for, and what they tell. */
@Timeout(60)
class SnapshotCreateCommandsTest { // R9

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

  @Test
  void aSnapshotIsMade() { // G1
    assertThat(
            drover
                .run(
                    "snapshot-create-as",
                    "web",
                    "one",
                    "before the upgrade",
                    "--disk-only",
                    "--atomic",
                    "--diskspec",
                    "vdb,snapshot=no")
                .out())
        .isEqualTo("Domain snapshot one created\n\n");
    assertThat(daemon.snapshots.created)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getDescription()).isEqualTo("before the upgrade");
              assertThat(request.getAtomic()).isTrue();
              assertThat(request.getDisks(0).getTarget()).isEqualTo("vdb");
              assertThat(request.getValidateOnly()).isFalse();
            });
  }

  @Test
  void copiesThatBeginWithItAreTold() { // G12
    assertThat(
            drover
                .run(
                    "snapshot-create-as",
                    "web",
                    "one",
                    "--disk-only",
                    "--diskspec",
                    "vda,file=/i/one,copy=/far/web.raw,copy-format=raw,copy-then=pivot")
                .out())
        .isEqualTo(
            "Domain snapshot one created\nCopy of disk vda to '/far/web.raw' started as job %s\n\n"
                .formatted(JOB));
    assertThat(daemon.snapshots.created)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getDisks(0).getOverlay().getPath()).isEqualTo("/i/one");
              assertThat(request.getCopiesList())
                  .containsExactly(
                      BlockCopyRequest.newBuilder()
                          .setDisk("vda")
                          .setDestination(
                              Image.newBuilder()
                                  .setPath("/far/web.raw")
                                  .setFormat(ImageFormat.IMAGE_FORMAT_RAW))
                          .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)
                          .build());
            });
    assertThat(
            drover
                .run(
                    "snapshot-create-as",
                    "web",
                    "one",
                    "--disk-only",
                    "--halt",
                    "--diskspec",
                    "vda,copy=/far/web.qcow2")
                .err())
        .contains("--halt would end the copies");
    assertThat(daemon.snapshots.created).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/m | /m",
        "file=/m,snapshot=external | /m",
        "snapshot=external,file=/a,,b | /a,b",
        "snapshot=no | ''"
      })
  void memoryIsTakenIntoTheFileThatIsNamed(String memspec, String path) { // R9
    assertThat(drover.run("snapshot-create-as", "web", "one", "--memspec", memspec).out())
        .isEqualTo("Domain snapshot one created\n\n");
    assertThat(daemon.snapshots.created)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getMemory().getPath()).isEqualTo(path);
              assertThat(request.hasMemory()).isEqualTo(!path.isEmpty());
            });
  }

  @Test
  void theGuestRunsOnWhereThatIsAskedFor() { // R9
    assertThat(drover.run("snapshot-create-as", "web", "one", "--memspec", "/m", "--live").out())
        .isEqualTo("Domain snapshot one created\n\n");
    assertThat(daemon.snapshots.created)
        .singleElement()
        .satisfies(request -> assertThat(request.hasLiveMemory()).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--live", "--live --disk-only", "--live --memspec snapshot=internal"})
  void aGuestRunsOnOnlyWhileMemoryGoesIntoAFile(String options) { // R9
    assertThat(drover.run(("snapshot-create-as web one " + options).split(" ")).err())
        .contains("--live is for external snapshots with memory");
    assertThat(daemon.snapshots.created).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "snapshot-create-as web one | true",
        "snapshot-create web | true",
        "snapshot-create-as web one --memspec snapshot=internal | true",
        "snapshot-create-as web one --diskspec vda,snapshot=internal | true",
        "snapshot-create-as web one --diskspec vda,snapshot=internal --disk-only | false",
        "snapshot-create-as web one --diskspec vda,snapshot=internal --memspec snapshot=no | false",
      })
  void aSnapshotIsInternalWhereVirshsIs(String command, boolean memory) { // R9
    assertThat(drover.run(command.split(" ")).code()).isZero();
    assertThat(daemon.snapshots.created)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getKind()).isEqualTo(SnapshotKind.SNAPSHOT_KIND_INTERNAL);
              assertThat(request.hasMemory()).isEqualTo(memory);
              assertThat(request.getMemory().getPath()).isEmpty();
            });
  }

  @Test
  void anInternalSnapshotIsMadeFromXml() {
    CommandLineRun.Result result =
        drover
            .input(
                """
                <domainsnapshot>
                  <name>one</name>
                  <memory snapshot='internal'/>
                  <disks><disk name='vda' snapshot='internal'/></disks>
                </domainsnapshot>
                """)
            .run("snapshot-create", "web", "-");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(daemon.snapshots.created)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getKind()).isEqualTo(SnapshotKind.SNAPSHOT_KIND_INTERNAL);
              assertThat(request.hasMemory()).isTrue();
              assertThat(request.getDisks(0).getMode())
                  .isEqualTo(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL);
            });
  }

  @Test
  void aSnapshotIsMadeFromXml() { // G5
    CommandLineRun.Result result =
        drover
            .input(
                """
                <domainsnapshot>
                  <name>one</name>
                  <disks><disk name='vdb' snapshot='no'/></disks>
                </domainsnapshot>
                """)
            .run(
                "snapshot-create",
                "web",
                "-",
                "--disk-only",
                "--atomic",
                "--reuse-external",
                "--no-metadata",
                "--validate");

    assertThat(result)
        .isEqualTo(new CommandLineRun.Result(0, "Domain snapshot one created from '-'\n\n", ""));
    assertThat(daemon.snapshots.created)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getDomain().getName()).isEqualTo("web");
              assertThat(request.getName()).isEqualTo("one");
              assertThat(request.getAtomic()).isTrue();
              assertThat(request.getReuseExternal()).isTrue();
              assertThat(request.getNoMetadata()).isTrue();
              assertThat(request.getValidateOnly()).isFalse();
              assertThat(request.getDisks(0).getMode())
                  .isEqualTo(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED);
            });
  }

  @Test
  void withoutAFileAllDisksTakePart() {
    assertThat(drover.run("snapshot-create", "web", "--disk-only").out())
        .isEqualTo("Domain snapshot 1700000000 created\n\n");
    assertThat(daemon.snapshots.created.getLast().getDisksList()).isEmpty();
  }

  @Test
  void aSnapshotCanBePlanned() {
    assertThat(drover.run("snapshot-create-as", "web", "four", "--disk-only", "--plan").out())
        .startsWith("<domainsnapshot>\n  <name>four</name>\n");
    assertThat(daemon.snapshots.created.getLast().getValidateOnly()).isTrue();
  }

  @Test
  void whatWasPrintedCanBeUsedAgainWithAWordOnWhatDoesNotCount() {
    String printed = drover.run("snapshot-dumpxml", "web", "three").out();

    CommandLineRun.Result result = drover.input(printed).run("snapshot-create", "web", "-");

    assertThat(result.code()).isZero();
    assertThat(result.err())
        .isEqualTo(
            """
            warning: <state> is the daemon's to say and did not count
            warning: <parent> is the daemon's to say and did not count
            warning: <creationTime> is the daemon's to say and did not count
            warning: <domain> is the daemon's to say and did not count
            """);
    assertThat(daemon.snapshots.created.getLast().getDisks(0).getOverlay().getPath())
        .isEqualTo("/images/web.three");
  }

  @Test
  void xmlThatIsNotUnderstoodIsRefusedBeforeAnythingIsAsked() {
    CommandLineRun.Result result =
        drover
            .input("<domainsnapshot><cookie/></domainsnapshot>")
            .run("snapshot-create", "web", "-", "--disk-only");

    assertThat(result)
        .isEqualTo(
            new CommandLineRun.Result(
                1, "", "error: File '-': line 1: <cookie> in <domainsnapshot> is not supported\n"));
    assertThat(daemon.calls()).isEmpty();
  }
}
