package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.drover.v1.Acceleration;
import dev.drover.v1.Disk;
import dev.drover.v1.DiskCache;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DomainFileTest { // R24
  /** A field of the template, commented out or not. */
  private static final Pattern FIELD = Pattern.compile("^#? *(?:- )?([a-z_]+):(?: |$)");

  private static final DomainSpec SPEC =
      DomainSpec.newBuilder()
          .setName("web")
          .setMemoryBytes(128L << 20)
          .setVcpus(2)
          .setAcceleration(Acceleration.ACCELERATION_TCG)
          .putLabels("team", "storage")
          .addDisks(
              Disk.newBuilder()
                  .setTarget("vda")
                  .setCache(DiskCache.DISK_CACHE_NONE)
                  .setSource(
                      Image.newBuilder()
                          .setPath("/images/web.qcow2")
                          .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)))
          .build();

  @Test
  void yamlMayBeWrittenForPeople() {
    assertThat(
            spec(
                """
                name: web
                memory_bytes: 128MiB
                vcpus: 2
                acceleration: tcg
                labels: {team: storage}
                disks:
                  - target: vda
                    cache: none
                    source: {path: /images/web.qcow2, format: qcow2}
                """))
        .isEqualTo(SPEC);
  }

  @Test
  void jsonOfTheApiIsReadAsItIs() {
    assertThat(spec(Documents.json(SPEC))).isEqualTo(SPEC);
    assertThat(spec("{\"name\": \"web\",\t\"memoryBytes\": \"134217728\"}").getMemoryBytes())
        .isEqualTo(128L << 20);
  }

  @Test
  void theWholeRecordOfADomainGivesItsSpecAndEtag() {
    Domain domain = Domain.newBuilder().setSpec(SPEC).setEtag("7").build();

    assertThat(DomainFile.parse("-", Documents.yaml(domain)))
        .isEqualTo(new DomainFile.Definition(SPEC, "7", List.of()));
  }

  @Test
  void theTemplateIsAValidDomain() {
    DomainSpec spec = spec(DomainCommands.Template.text());

    assertThat(spec.getName()).isEqualTo("example");
    assertThat(spec.getMemoryBytes()).isEqualTo(512L << 20);
    assertThat(spec.hasRandomSource()).isTrue();
  }

  @Test
  void everyCommentedFieldOfTheTemplateIsKnownToTheApi() {
    Set<String> known = new HashSet<>();
    collect(DomainSpec.getDescriptor(), known);

    assertThat(
            DomainCommands.Template.text()
                .lines()
                .map(line -> FIELD.matcher(line))
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1)))
        .hasSizeGreaterThan(30)
        .allSatisfy(field -> assertThat(field).isIn(known));
  }

  private static void collect(Descriptor type, Set<String> names) {
    for (FieldDescriptor field : type.getFields()) {
      names.add(field.getName());
      if (field.isMapField()) {
        names.add("team");
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        collect(field.getMessageType(), names);
      }
    }
  }

  @Test
  void macAddressesAndVersionsStayText() {
    assertThat(
            spec("name: web\nnetwork_interfaces:\n  - mac_address: 52:54:00:12:34:56\n")
                .getNetworkInterfaces(0)
                .getMacAddress())
        .isEqualTo("52:54:00:12:34:56");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nam: web | nam: unknown field; did you mean 'name'?",
        "zzzzzz: web | zzzzzz: unknown field; known are: name, uuid",
        "disks: [{target: vda, sorce: {}}] | disks[0].sorce: unknown field; did you mean 'source'?",
        "balloon: {size: 1} | balloon.size: unknown field; there are none here",
        "name: 12 | name: expected text, got the number 12: put it in quotes",
        "vcpus: two | vcpus: expected a whole number, got 'two'",
        "vcpus: 1.5 | vcpus: expected a whole number, got the number 1.5",
        "memory_bytes: 12 parsecs | memory_bytes: expected a size such as 512MiB or a number of"
            + " bytes, got '12 parsecs'",
        "memory_bytes: [1] | memory_bytes: expected a size such as 512MiB or a number of bytes, got"
            + " a list",
        "acceleration: xen | acceleration: 'xen' is not one of: auto, kvm, tcg",
        "disks: vda | disks: expected a list, got 'vda'",
        "disks: [vda] | disks[0]: expected fields of the form 'name: value', got 'vda'",
        "disks: [{read_only: 1}] | disks[0].read_only: expected true or false, got the number 1",
        "labels: [a] | labels: expected entries of the form 'key: value', got a list",
        "labels: {a: 1} | labels.a: expected text, got the number 1: put it in quotes",
        "balloon: | balloon: has no value: leave it out, or write {} for its defaults",
        "title: null | title: has no value: leave it out, or give one",
        "{memory_bytes: 1, memoryBytes: 2} | memory_bytes: is given twice",
        "just text | expected fields of the form 'name: value', got 'just text'",
        "<domainsnapshot/> | line 1: expected <domain>, got <domainsnapshot>",
        "'name: [' | is not valid YAML at line 1",
        "'{\"name\": }' | is not valid JSON at line 1",
        "'{name: a, name: b}' | Duplicate field 'name'",
        "vcpus: -1 | Out of range",
      })
  void mistakesAreNamedWithTheirPlace(String text, String message) {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> spec(text))
        .withMessageStartingWith("File 'vm.yaml'")
        .withMessageContaining(message);
  }

  @Test
  void aFileOfSeveralDocumentsIsRefused() {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> spec("name: a\n---\nname: b\n"))
        .withMessageContaining("not valid YAML");
  }

  @Test
  void aFileThatIsNotThereIsNamed(@TempDir Path directory) {
    String missing = directory.resolve("none.yaml").toString();

    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> DomainFile.read(missing, InputStream.nullInputStream()))
        .withMessage("File '%s' does not exist".formatted(missing));
  }

  @Test
  void aDashIsStandardInput() {
    assertThat(
            DomainFile.read(
                    "-", new ByteArrayInputStream(new byte[] {'n', 'a', 'm', 'e', ':', ' ', 'x'}))
                .spec()
                .getName())
        .isEqualTo("x");
  }

  private static DomainSpec spec(String text) {
    return DomainFile.parse("vm.yaml", text).spec();
  }
}
