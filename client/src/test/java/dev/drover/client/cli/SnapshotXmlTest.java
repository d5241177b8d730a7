package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.client.FakeDomains;
import dev.drover.client.FakeSnapshots;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DomainState;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotXmlTest {
  private static SnapshotDocument parse(String text) {
    return SnapshotDocument.parse("s.xml", text.getBytes(StandardCharsets.UTF_8));
  }

  private static void refused(String text, String message) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(CommandFailure.class)
        .hasMessageStartingWith("File 's.xml': " + message);
  }

  @Test
  void aSnapshotIsWrittenAsLibvirtDoes() {
    assertThat(
            SnapshotXml.write(
                FakeSnapshots.snapshot("two", "one").toBuilder()
                    .setDescription("before <the> upgrade")
                    .build()))
        .isEqualTo(
            """
            <domainsnapshot>
              <name>two</name>
              <description>before &lt;the&gt; upgrade</description>
              <state>disk-snapshot</state>
              <parent>
                <name>one</name>
              </parent>
              <creationTime>1700000000</creationTime>
              <memory snapshot='no'/>
              <disks>
                <disk name='vda' snapshot='external' type='file'>
                  <driver type='qcow2'/>
                  <source file='/images/web.two'/>
                </disk>
                <disk name='vdb' snapshot='no'/>
              </disks>
              <domain>
                <uuid>%s</uuid>
                <devices>
                  <disk type='file' device='disk'>
                    <driver type='qcow2'/>
                    <source file='/images/web.qcow2'/>
                    <target dev='vda'/>
                  </disk>
                </devices>
              </domain>
            </domainsnapshot>\
            """
                .formatted(FakeDomains.uuid("web")));
  }

  @Test
  void aMirrorIsACopyThatBeginsWithTheSnapshot() { // G12
    String text =
        """
        <domainsnapshot>
          <name>one</name>
          <disks>
            <disk name='vda' snapshot='external' type='file'>
              <source file='/i/one'/>
              <mirror file='/far/one' format='qcow2' shallow='yes' reuse='yes' then='pivot'/>
            </disk>
            <disk name='vdb' snapshot='external' type='file'>
              <mirror file='/far/two' format='raw'/>
            </disk>
          </disks>
        </domainsnapshot>\
        """;
    CreateSnapshotRequest read = parse(text).request();
    assertThat(read.getDisks(0).getOverlay().getPath()).isEqualTo("/i/one");
    assertThat(read.getDisks(1).hasOverlay()).isFalse();
    assertThat(read.getCopiesList())
        .containsExactly(
            BlockCopyRequest.newBuilder()
                .setDisk("vda")
                .setDestination(
                    Image.newBuilder()
                        .setPath("/far/one")
                        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))
                .setShallow(true)
                .setReuseExternal(true)
                .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)
                .build(),
            BlockCopyRequest.newBuilder()
                .setDisk("vdb")
                .setDestination(
                    Image.newBuilder().setPath("/far/two").setFormat(ImageFormat.IMAGE_FORMAT_RAW))
                .build());
    assertThat(SnapshotXml.write(read)).isEqualTo(text);
    refused(
        text.replace(" then='pivot'", " then='cancel'"),
        "line 6: Disk 'vda': 'cancel' is neither pivot nor finish");
    refused(text.replace("file='/far/one' ", ""), "line 6: <mirror> needs attribute 'file'");
  }

  @Test
  void whatIsNotThereIsLeftOut() {
    assertThat(
            SnapshotXml.write(
                Snapshot.newBuilder()
                    .setName("one")
                    .setDomainState(DomainState.DOMAIN_STATE_SHUT_OFF)
                    .addDisks(
                        SnapshotDisk.newBuilder()
                            .setTarget("vda")
                            .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED))
                    .build()))
        .isEqualTo(
            """
            <domainsnapshot>
              <name>one</name>
              <state>shutoff</state>
              <memory snapshot='no'/>
              <disks>
              </disks>
            </domainsnapshot>\
            """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "<&>'\"",
        "two\nlines\twith a tab",
        "a\r\nb",
        " blanks ",
        "\u00e4\ud83d\ude00"
      })
  void whatIsWrittenIsReadAgain(String text) throws XmlElement.Fault {
    String path = "/images/" + text.strip();
    Snapshot snapshot =
        Snapshot.newBuilder()
            .setName("one")
            .setDescription(text)
            .addDisks(
                SnapshotDisk.newBuilder()
                    .setTarget(text)
                    .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
                    .setOverlay(
                        Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)))
            .build();

    assertThat(parse(SnapshotXml.write(snapshot)).request())
        .isEqualTo(
            CreateSnapshotRequest.newBuilder()
                .setName("one")
                .setDescription(text)
                .addAllDisks(snapshot.getDisksList())
                .build());
  }

  @Test
  void whatXmlCannotHoldIsReplaced() {
    String written =
        SnapshotXml.write(
            Snapshot.newBuilder().setName("one").setDescription("a\u0000b\u001bc\uffffd").build());

    assertThat(parse(written).request().getDescription()).isEqualTo("a\ufffdb\ufffdc\ufffdd");
  }

  @Test
  void disksAreRead() { // G9
    SnapshotDocument read =
        parse(
            """
            <?xml version='1.0' encoding='UTF-8'?>
            <!-- by hand -->
            <domainsnapshot>
              <name>one</name>
              <description>two
            lines</description>
              <memory snapshot='no'/>
              <disks>
                <disk name='vda'/>
                <disk name='vdb' snapshot='no'/>
                <disk name='vdc' snapshot='external' type='file'>
                  <driver type='qcow2'/>
                  <source file='/images/c&amp;d.qcow2'/>
                </disk>
              </disks>
            </domainsnapshot>
            """);

    assertThat(read.withoutMemory()).isTrue();
    assertThat(read.informational()).isEmpty();
    assertThat(read.request())
        .isEqualTo(
            CreateSnapshotRequest.newBuilder()
                .setName("one")
                .setDescription("two\nlines")
                .addDisks(SnapshotDisk.newBuilder().setTarget("vda"))
                .addDisks(
                    SnapshotDisk.newBuilder()
                        .setTarget("vdb")
                        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED))
                .addDisks(
                    SnapshotDisk.newBuilder()
                        .setTarget("vdc")
                        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
                        .setOverlay(
                            Image.newBuilder()
                                .setPath("/images/c&d.qcow2")
                                .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)))
                .build());
  }

  @Test
  void memoryIsWrittenAndReadAgain() {
    Snapshot snapshot =
        Snapshot.newBuilder()
            .setName("one")
            .setDomainState(DomainState.DOMAIN_STATE_PAUSED)
            .setMemory(SnapshotMemory.newBuilder().setPath("/images/a<b").setSizeBytes(7))
            .build();
    String text = SnapshotXml.write(snapshot);

    assertThat(text)
        .contains("<state>paused</state>")
        .contains("<memory snapshot='external' file='/images/a&lt;b'/>");
    assertThat(parse(text).request().getMemory())
        .isEqualTo(SnapshotMemory.newBuilder().setPath("/images/a<b").build());
    assertThat(parse(text).withoutMemory()).isFalse();
  }

  @Test
  void memoryIsOnlyLeftOutWhereTheDocumentSaysSo() {
    assertThat(parse("<domainsnapshot/>").withoutMemory()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<snapshot/> | line 1: expected <domainsnapshot>, got <snapshot>",
        "<domainsnapshot><cookie/></domainsnapshot> | line 1: <cookie> in <domainsnapshot> is not"
            + " supported",
        "<domainsnapshot redefine='yes'/> | line 1: attribute 'redefine' of <domainsnapshot> is not"
            + " supported",
        "<domainsnapshot xmlns='urn:x'/> | line 1: attribute 'xmlns' of <domainsnapshot> is not"
            + " supported",
        "<domainsnapshot>text</domainsnapshot> | line 1: <domainsnapshot> holds text",
        "<domainsnapshot><name>a</name><name>b</name></domainsnapshot> | line 1: <name> is given"
            + " twice",
        "<domainsnapshot><name><b/></name></domainsnapshot> | line 1: <b> in <name> is not"
            + " supported",
        "<domainsnapshot><memory snapshot='manual'/></domainsnapshot> | line 1: <memory>:"
            + " snapshot 'manual' is not supported: use external, internal or no",
        "<domainsnapshot><memory/></domainsnapshot> | line 1: <memory>: snapshot '' is not"
            + " supported",
        "<domainsnapshot><memory snapshot='no' file='/m'/></domainsnapshot> | line 1: <memory>: a"
            + " file means nothing with snapshot=no",
        "<domainsnapshot><memory snapshot='external'/></domainsnapshot> | line 1: <memory>: an"
            + " external snapshot of memory needs a file",
        "<domainsnapshot><disks><disc/></disks></domainsnapshot> | line 1: <disc> in <disks> is not"
            + " supported",
        "<domainsnapshot><disks><disk/></disks></domainsnapshot> | line 1: <disk> needs attribute"
            + " 'name'",
        "<domainsnapshot><disks><disk name='a' snapshot='manual'/></disks></domainsnapshot> |"
            + " line 1: Snapshot mode 'manual' is not supported: use external, internal or no",
        "<domainsnapshot><disks><disk name='a' type='block'/></disks></domainsnapshot> | line 1:"
            + " <disk type='block'> is not supported, only file",
        "<domainsnapshot><disks><disk name='a'><serial/></disk></disks></domainsnapshot> | line 1:"
            + " <serial> in <disk> is not supported",
        "<domainsnapshot><disks><disk name='a' snapshot='no'><mirror file='/m'/></disk></disks>"
            + "</domainsnapshot> | line 1: disk 'a' takes no part: <mirror> means nothing there",
        "<domainsnapshot><disks><disk name='a'><mirror file='/m'/><mirror file='/n'/></disk>"
            + "</disks></domainsnapshot> | line 1: <mirror> is given twice",
        "<domainsnapshot><disks><disk name='a'><mirror file='/m' shallow='1'/></disk></disks>"
            + "</domainsnapshot> | line 1: attribute 'shallow' of <mirror> is neither yes nor no",
        "<domainsnapshot><disks><disk name='a'><source dev='/dev/b'/></disk></disks>"
            + "</domainsnapshot> | line 1: attribute 'dev' of <source> is not supported",
        "<domainsnapshot><disks><disk name='a'><source"
            + " file='/b'><seclabel/></source></disk></disks></domainsnapshot> | line 1: <seclabel>"
            + " in <source> is not supported",
        "<domainsnapshot><disks><disk name='a'><driver type='qed'/></disk></disks></domainsnapshot>"
            + " | line 1: Image format 'qed' is not known: use raw or qcow2",
        "<domainsnapshot><disks><disk name='a' snapshot='no'><source file='/b'/></disk></disks>"
            + "</domainsnapshot> | line 1: disk 'a' takes no part: <source> means nothing there",
        "<domainsnapshot> | line 1: is not well-formed XML: ",
        "'' | line 1: is not well-formed XML: ",
        "<?php x?><domainsnapshot/> | line 1: processing instruction <?php?> is not accepted",
        "<domainsnapshot><name>&x;</name></domainsnapshot> | line 1: ",
      })
  void whatIsNotUnderstoodIsRefusedByName(String text, String message) {
    refused(text, message);
  }

  @Test
  void theLineOfTheFaultIsSaid() {
    refused(
        "<domainsnapshot>\n  <name>a</name>\n  <halt/>\n</domainsnapshot>",
        "line 3: <halt> in <domainsnapshot> is not supported");
  }

  @Test
  void noOtherFileIsRead(@TempDir Path directory) throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "hidden");

    refused(
        """
        <!DOCTYPE domainsnapshot [<!ENTITY x SYSTEM '%s'>]>
        <domainsnapshot><name>&x;</name></domainsnapshot>
        """
            .formatted(secret.toUri()),
        "line 1: a document type is not accepted");
    refused(
        "<!DOCTYPE domainsnapshot SYSTEM '%s'><domainsnapshot/>".formatted(secret.toUri()),
        "line 1: a document type is not accepted");
  }

  @Test
  void documentTypeThatTheParserHasNoWordsForIsRefused() {
    refused(
        "<!DOCTYPE x[ //foo\"a' snapshot='external'>e<namvdriverapks\":\000[>0",
        "is not well-formed XML: its document type cannot be read");
  }

  @Test
  void nothingGrowsWhenItIsExpanded() {
    refused(
        """
        <!DOCTYPE domainsnapshot [
          <!ENTITY a 'aaaaaaaaaa'>
          <!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>
        ]>
        <domainsnapshot><name>&b;</name></domainsnapshot>
        """,
        "line ");
    refused("<a>".repeat(100_000), "line 1: elements are nested deeper than 16");
  }

  @Test
  void theEncodingIsWhatTheDocumentSays() {
    byte[] latin =
        "<?xml version='1.0' encoding='ISO-8859-1'?><domainsnapshot><name>\u00e9</name></domainsnapshot>"
            .getBytes(StandardCharsets.ISO_8859_1);

    assertThat(SnapshotDocument.parse("s.xml", latin).request().getName()).isEqualTo("\u00e9");
  }

  @Test
  void elementsKeepWhatIsInThem() throws XmlElement.Fault {
    XmlElement root =
        XmlElement.parse("<a b='1'>x<c/><![CDATA[<y>]]></a>".getBytes(StandardCharsets.UTF_8));

    assertThat(root.attributes()).isEqualTo(Map.of("b", "1"));
    assertThat(root.text()).isEqualTo("x<y>");
    assertThat(root.children()).extracting(XmlElement::name).containsExactly("c");
  }
}
