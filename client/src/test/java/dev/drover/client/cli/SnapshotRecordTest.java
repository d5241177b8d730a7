package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import dev.drover.client.FakeSnapshots;
import dev.drover.v1.DomainState;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R9: records that are entered again, and what can be said where a snapshot is made or listed. */
@Timeout(60)
class SnapshotRecordTest {
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

  private Snapshot imported() {
    assertThat(daemon.snapshots.imported).hasSize(1);
    assertThat(daemon.snapshots.imported.getFirst().getDomain().getName()).isEqualTo("web");
    return daemon.snapshots.imported.getFirst().getSnapshot();
  }

  private static Image image(String path, ImageFormat format) {
    return Image.newBuilder().setPath(path).setFormat(format).build();
  }

  @Test
  void whatDumpxmlPrintsIsEnteredAgain() {
    String printed = drover.run("snapshot-dumpxml", "web", "two").out();

    CommandLineRun.Result result =
        drover.input(printed).run("snapshot-create", "web", "-", "--redefine", "--current");

    assertThat(result)
        .isEqualTo(new CommandLineRun.Result(0, "Domain snapshot two created from '-'\n\n", ""));
    assertThat(imported())
        .isEqualTo(
            FakeSnapshots.snapshot("two", "one").toBuilder()
                .clearDomainName()
                .setCurrent(true)
                .build());
    assertThat(daemon.calls("CreateSnapshot")).isZero();
  }

  @ParameterizedTest
  @CsvSource({"table", "json"})
  void aMarkOfByteOrderIsNoPartOfIt(String format) {
    String printed = drover.run("-o", format, "snapshot-dumpxml", "web", "two").out();

    assertThat(
            drover.input("\ufeff" + printed).run("snapshot-create", "web", "-", "--redefine").err())
        .isEmpty();

    assertThat(imported().getName()).isEqualTo("two");
  }

  @ParameterizedTest
  @CsvSource({"json", "yaml"})
  void soIsTheMessageItself(String format) {
    String printed = drover.run("-o", format, "snapshot-dumpxml", "web", "three").out();

    assertThat(drover.input(printed).run("snapshot-create", "web", "-", "--redefine").code())
        .isZero();

    assertThat(imported()).isEqualTo(FakeSnapshots.snapshot("three", "two"));
  }

  @Test
  void libvirtsRecordIsReadAndWhatItsDomainHasBesidesDoesNotCount() {
    assertThat(
            drover
                .input(
                    """
                    <domainsnapshot>
                      <name>old</name>
                      <state>shutoff</state>
                      <creationTime>1600000000</creationTime>
                      <memory snapshot='no'/>
                      <disks>
                        <disk name='vda' snapshot='external' type='file'>
                          <driver type='qcow2'/>
                          <source file='/images/web.old'/>
                        </disk>
                        <disk name='vdb' snapshot='no'/>
                        <disk name='vdc' snapshot='external'><source file='/images/c.old'/></disk>
                      </disks>
                      <domain type='kvm'>
                        <name>web</name>
                        <uuid>4b0c5c1e-0000-4000-8000-000000000001</uuid>
                        <memory unit='KiB'>1048576</memory>
                        <devices>
                          <emulator>/usr/bin/qemu-system-x86_64</emulator>
                          <disk type='file' device='disk'>
                            <driver name='qemu' type='raw' cache='none'/>
                            <source file='/images/web.img'/>
                            <target dev='vda' bus='virtio'/>
                            <address type='pci'/>
                          </disk>
                          <disk type='file' device='disk'>
                            <source file='/images/unknown-format'/>
                            <target dev='vdc'/>
                          </disk>
                        </devices>
                      </domain>
                      <cookie><cpu/></cookie>
                    </domainsnapshot>
                    """)
                .run("snapshot-create", "web", "-", "--redefine")
                .code())
        .isZero();

    Snapshot read = imported();
    assertThat(read.getDomainState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(read.getCreateTime().getSeconds()).isEqualTo(1_600_000_000);
    assertThat(read.getDomainName()).isEqualTo("web");
    assertThat(read.getCurrent()).isFalse();
    assertThat(read.getDisksList())
        .containsExactly(
            SnapshotDisk.newBuilder()
                .setTarget("vda")
                .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
                .setOverlay(image("/images/web.old", ImageFormat.IMAGE_FORMAT_QCOW2))
                .setFrozen(image("/images/web.img", ImageFormat.IMAGE_FORMAT_RAW))
                .build(),
            SnapshotDisk.newBuilder()
                .setTarget("vdb")
                .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)
                .build(),
            SnapshotDisk.newBuilder()
                .setTarget("vdc")
                .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
                .setOverlay(image("/images/c.old", ImageFormat.IMAGE_FORMAT_QCOW2))
                .build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<domain/> | line 1: expected <domainsnapshot>, got <domain>",
        "<domainsnapshot><halt/></domainsnapshot> | line 1: <halt> in <domainsnapshot> is not"
            + " supported",
        "<domainsnapshot><state>odd</state></domainsnapshot> | line 1: <state> 'odd' is not known",
        "<domainsnapshot><creationTime>now</creationTime></domainsnapshot> | line 1: <creationTime>"
            + " 'now' is no number of seconds since 1970",
        "<domainsnapshot><memory snapshot='half'/></domainsnapshot> | line 1: <memory"
            + " snapshot='half'> is not known: 'no', 'internal' or 'external'",
        "<domainsnapshot><memory snapshot='external'/></domainsnapshot> | line 1: <memory> needs"
            + " attribute 'file'",
        "<domainsnapshot><parent/></domainsnapshot> | line 1: <parent> needs <name>",
        "<domainsnapshot><disks><disk name='a' snapshot='manual'/></disks></domainsnapshot> |"
            + " line 1: Snapshot mode 'manual' is not supported: use external, internal or no",
        "<domainsnapshot><disks><disk/></disks></domainsnapshot> | line 1: <disk> needs attribute"
            + " 'name'",
        "<domainsnapshot><name>a</name><name>b</name></domainsnapshot> | line 1: <name> is given"
            + " twice",
        "<domainsnapshot name='a'/> | line 1: attribute 'name' of <domainsnapshot> is not"
            + " supported",
        "<domainsnapshot>one</domainsnapshot> | line 1: <domainsnapshot> holds text",
        "<domainsnapshot><disks><disk name='a' mode='x'/></disks></domainsnapshot> | line 1:"
            + " attribute 'mode' of <disk> is not supported",
        "<domainsnapshot><disks><disk name='a' type='network'/></disks></domainsnapshot> | line 1:"
            + " <disk type='network'> is not supported, only file",
        "<domainsnapshot><disks><disk name='a'><source file='/a' index='1'/></disk></disks>"
            + "</domainsnapshot> | line 1: attribute 'index' of <source> is not supported",
        "{\"nmae\": \"one\"} | nmae: ",
      })
  void whatIsNotUnderstoodIsRefusedByName(String text, String message) {
    CommandLineRun.Result result =
        drover.input(text).run("snapshot-create", "web", "-", "--redefine");

    assertThat(result.code()).isOne();
    assertThat(result.err()).startsWith("error: File '-': " + message);
    assertThat(daemon.calls()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "snapshot-create web --current --disk-only | --current requires --redefine",
        "snapshot-create web --redefine | --redefine requires a file with the snapshot's record",
        "snapshot-create web x --redefine --no-metadata | Options --redefine and --no-metadata are"
            + " mutually exclusive",
        "snapshot-create web x --redefine --halt | Options --redefine and --halt are mutually"
            + " exclusive",
        "snapshot-current web two --name | Options --name and --snapshotname are mutually"
            + " exclusive",
        "undefine web --keep-snapshots --snapshots-metadata | Options --snapshots-metadata and"
            + " --keep-snapshots are mutually exclusive",
      })
  void mistakesAreNamed(String command, String error) {
    assertThat(drover.run(command.split(" ")))
        .isEqualTo(new CommandLineRun.Result(1, "", "error: " + error + "\n"));
    assertThat(daemon.calls()).isEmpty();
  }

  @Test
  void anotherSnapshotCanBeMadeCurrent() {
    assertThat(drover.run("snapshot-current", "web", "two").out())
        .isEqualTo("Snapshot two set as current\n\n");
    assertThat(drover.run("snapshot-current", "web", "nope").err())
        .startsWith("error: Failed to make snapshot 'nope' of domain 'web' current\n");
    assertThat(imported())
        .isEqualTo(FakeSnapshots.snapshot("two", "one").toBuilder().setCurrent(true).build());
  }

  @Test
  void descriptionAndParentAreEdited() {
    drover.environment.put(
        "EDITOR",
        "sed -i -e 's|<name>one|<name>side|' -e"
            + " 's|<memory|<description>why</description><memory|'");
    assertThat(drover.run("snapshot-edit", "web", "two").out())
        .isEqualTo("Snapshot two edited.\n\n");
    assertThat(imported())
        .isEqualTo(FakeSnapshots.snapshot("two", "side").toBuilder().setDescription("why").build());
  }

  @Test
  void nothingElseIsEdited() {
    drover.environment.put("EDITOR", "true");
    assertThat(drover.run("snapshot-edit", "web", "two").out())
        .isEqualTo("Snapshot two XML configuration not changed.\n\n");
    drover.environment.put("VISUAL", "sed -i s/web.two/web.other/");
    assertThat(drover.run("snapshot-edit", "web", "two").err())
        .endsWith(
            "error: Only <name>, <description> and <parent> of a snapshot can be changed: the rest"
                + " says what its images are\n");
    drover.environment.put("VISUAL", "false");
    assertThat(drover.run("snapshot-edit", "web", "two").err())
        .endsWith("error: Editor 'false' ended with code 1\n");
    assertThat(daemon.snapshots.imported).isEmpty();
  }

  @Test
  void aSnapshotIsRenamedOrClonedWhereThatIsSaid() {
    drover.environment.put("EDITOR", "sed -i 's|<name>two|<name>due|'");
    assertThat(drover.run("snapshot-edit", "web", "two").err())
        .endsWith("error: Must use --rename or --clone to change two to due\n");
    assertThat(drover.run("snapshot-edit", "web", "two", "--rename", "--clone").err())
        .contains("--rename", "--clone", "mutually exclusive");
    assertThat(daemon.snapshots.imported).isEmpty();

    assertThat(drover.run("snapshot-edit", "web", "two", "--rename").out())
        .isEqualTo("Snapshot two renamed to due.\n\n");
    assertThat(daemon.snapshots.imported.getLast().getRenameFrom()).isEqualTo("two");
    assertThat(imported())
        .isEqualTo(FakeSnapshots.snapshot("two", "one").toBuilder().setName("due").build());

    assertThat(drover.run("snapshot-edit", "web", "two", "--clone", "--current").out())
        .isEqualTo("Snapshot two cloned to due.\n\n");
    assertThat(daemon.snapshots.imported.getLast().getRenameFrom()).isEmpty();
    assertThat(daemon.snapshots.imported.getLast().getSnapshot())
        .isEqualTo(
            FakeSnapshots.snapshot("two", "one").toBuilder()
                .setName("due")
                .setCurrent(true)
                .build());
  }

  @Test
  void fileSystemsAreFrozenOnDemand() { // R22
    assertThat(drover.run("snapshot-create-as", "web", "one", "--disk-only", "--quiesce").code())
        .isZero();
    assertThat(drover.run("snapshot-create-as", "web", "two", "--disk-only").code()).isZero();

    assertThat(daemon.snapshots.created.getFirst().hasQuiesce()).isTrue();
    assertThat(daemon.snapshots.created.getLast().hasQuiesce()).isFalse();
  }

  @Test
  void theDomainIsEndedOnceTheSnapshotIsMade() {
    assertThat(drover.run("snapshot-create-as", "web", "one", "--disk-only", "--halt").code())
        .isZero();
    assertThat(daemon.calls("CreateSnapshot")).isOne();
    assertThat(daemon.calls("DestroyDomain")).isOne();
  }

  @Test
  void theXmlOfANewSnapshotIsPrintedUnasked() {
    assertThat(
            drover
                .run(
                    "snapshot-create-as",
                    "web",
                    "one",
                    "before <it>",
                    "--print-xml",
                    "--diskspec",
                    "vda,snapshot=external,driver=qcow2,file=/i/one",
                    "--diskspec",
                    "vdb,snapshot=no",
                    "--diskspec",
                    "vdc")
                .out())
        .isEqualTo(
            """
            <domainsnapshot>
              <name>one</name>
              <description>before &lt;it&gt;</description>
              <disks>
                <disk name='vda' snapshot='external' type='file'>
                  <driver type='qcow2'/>
                  <source file='/i/one'/>
                </disk>
                <disk name='vdb' snapshot='no'/>
                <disk name='vdc'/>
              </disks>
            </domainsnapshot>

            """);
    assertThat(daemon.calls()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--inactive | off",
        "--disk-only | one side two",
        "--inactive --disk-only | off one side two",
        "--active | ''",
        "--external --metadata | off one side two",
        "--internal | ''",
        "--internal --external | off one side two",
        "--no-metadata | ''",
        "--no-metadata --metadata --leaves | off side",
        "--from one --inactive | off",
        "--roots --inactive | ''",
      })
  void listsAreFilteredAsVirshDoes(String options, String names) {
    daemon.snapshots.snapshots =
        List.of(
            FakeSnapshots.snapshot("one", ""),
            FakeSnapshots.snapshot("two", "one"),
            FakeSnapshots.snapshot("side", "two"),
            FakeSnapshots.snapshot("off", "one").toBuilder()
                .setDomainState(DomainState.DOMAIN_STATE_SHUT_OFF)
                .build());

    String out = drover.run(("snapshot-list web --name " + options).split(" ")).out();

    assertThat(out.split("\\s+"))
        .filteredOn(name -> !name.isEmpty())
        .containsExactly(names.isEmpty() ? new String[0] : names.split(" "));
    assertThat(drover.run("snapshot-list", "web", "--tree", "--inactive").out())
        .contains("off")
        .doesNotContain("one");
  }

  @Test
  void aDefinitionGoesAndItsSnapshotsAreKept() {
    assertThat(drover.run("undefine", "web", "--keep-snapshots").out())
        .isEqualTo("Domain 'web' has been undefined\n\n");
    assertThat(daemon.domains.undefined.getFirst().getKeepSnapshots()).isTrue();
    assertThat(daemon.domains.undefined.getFirst().getSnapshotsMetadata()).isFalse();
  }
}
