package dev.drover.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The API keeps buf's rules, and each rule notices what breaks it. */
class LintRuleTest {

  /** What {@code buf config ls-lint-rules --configured-only} prints for buf.yaml. */
  private static final String OF_BUF =
      """
      DIRECTORY_SAME_PACKAGE PACKAGE_DEFINED PACKAGE_DIRECTORY_MATCH PACKAGE_NO_IMPORT_CYCLE
      PACKAGE_SAME_DIRECTORY ENUM_FIRST_VALUE_ZERO ENUM_NO_ALLOW_ALIAS ENUM_PASCAL_CASE
      ENUM_VALUE_UPPER_SNAKE_CASE FIELD_LOWER_SNAKE_CASE FIELD_NOT_REQUIRED IMPORT_NO_PUBLIC
      IMPORT_USED MESSAGE_PASCAL_CASE ONEOF_LOWER_SNAKE_CASE PACKAGE_LOWER_SNAKE_CASE
      PACKAGE_SAME_CSHARP_NAMESPACE PACKAGE_SAME_GO_PACKAGE PACKAGE_SAME_JAVA_MULTIPLE_FILES
      PACKAGE_SAME_JAVA_PACKAGE PACKAGE_SAME_PHP_NAMESPACE PACKAGE_SAME_RUBY_PACKAGE
      PACKAGE_SAME_SWIFT_PREFIX RPC_PASCAL_CASE SERVICE_PASCAL_CASE SYNTAX_SPECIFIED
      ENUM_VALUE_PREFIX ENUM_ZERO_VALUE_SUFFIX FILE_LOWER_SNAKE_CASE PACKAGE_VERSION_SUFFIX
      PROTOVALIDATE RPC_REQUEST_RESPONSE_UNIQUE RPC_REQUEST_STANDARD_NAME
      RPC_RESPONSE_STANDARD_NAME SERVICE_SUFFIX COMMENT_ENUM COMMENT_ENUM_VALUE COMMENT_FIELD
      COMMENT_MESSAGE COMMENT_ONEOF COMMENT_RPC COMMENT_SERVICE
      """;

  @Test
  void rulesAreThoseOfBuf() {
    assertThat(LintRule.ALL.stream().flatMap(rule -> rule.bufNames().stream()))
        .containsExactlyInAnyOrder(OF_BUF.strip().split("\\s+"));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void apiKeepsTheRule(LintRule rule) {
    assertThat(rule.violations(ApiDescriptors.compiled())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void sampleKeepsTheRule(LintRule rule) {
    assertThat(rule.violations(sample(file -> {}))).isEmpty();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("breaks")
  void ruleNoticesABreak(LintRule rule, String what, Consumer<FileDescriptorProto.Builder> change) {
    assertThat(rule.violations(sample(change))).isNotEmpty();
  }

  @Test
  void everyRuleIsSeenToNotice() {
    assertThat(breaks().map(one -> (LintRule) one.get()[0])).containsAll(LintRule.ALL);
  }

  static List<LintRule> rules() {
    return LintRule.ALL;
  }

  static Stream<Arguments> breaks() {
    return Stream.of(
        broken(
            "PACKAGE_DIRECTORY_MATCH",
            "other directory",
            file -> file.setName("drover/v2/sample_service.proto")),
        broken(
            "PACKAGE_NO_IMPORT_CYCLE",
            "imports a package that imports it",
            file -> file.addDependency("drover/other/v1/other.proto")),
        broken(
            "PACKAGE_LOWER_SNAKE_CASE",
            "capital",
            file -> file.clearService().setPackage("drover.V1")),
        broken(
            "PACKAGE_VERSION_SUFFIX",
            "no version",
            file -> file.clearService().setPackage("drover.api")),
        broken(
            "PACKAGE_SAME_GO_PACKAGE",
            "another Go package",
            file -> file.getOptionsBuilder().setGoPackage("example.org/other")),
        broken("FILE_LOWER_SNAKE_CASE", "capital", file -> file.setName("drover/v1/Sample.proto")),
        broken("SYNTAX_SPECIFIED", "none", FileDescriptorProto.Builder::clearSyntax),
        broken(
            "IMPORT_NO_PUBLIC",
            "public",
            file -> file.addDependency("drover/v1/base.proto").addPublicDependency(0)),
        broken("IMPORT_USED", "unused", file -> file.addDependency("drover/v1/base.proto")),
        broken(
            "PROTOVALIDATE",
            "its options",
            file -> file.addDependency("buf/validate/validate.proto")),
        broken("MESSAGE_PASCAL_CASE", "small", file -> message(file).setName("disk_a")),
        broken("FIELD_LOWER_SNAKE_CASE", "camel", file -> field(file).setName("diskName")),
        broken(
            "FIELD_NOT_REQUIRED",
            "required",
            file -> {
              file.setSyntax("proto2");
              field(file).setLabel(Label.LABEL_REQUIRED);
            }),
        broken(
            "ONEOF_LOWER_SNAKE_CASE",
            "camel",
            file -> {
              message(file).addOneofDecl(OneofDescriptorProto.newBuilder().setName("oneOf"));
              field(file).setOneofIndex(0);
            }),
        broken("ENUM_PASCAL_CASE", "small", file -> kind(file).setName("kind")),
        broken(
            "ENUM_NO_ALLOW_ALIAS",
            "alias",
            file -> kind(file).getOptionsBuilder().setAllowAlias(true)),
        broken(
            "ENUM_ZERO_VALUE_SUFFIX",
            "named otherwise",
            file -> kind(file).getValueBuilder(0).setName("KIND_NONE")),
        broken(
            "ENUM_VALUE_PREFIX", "no prefix", file -> kind(file).getValueBuilder(1).setName("RAW")),
        broken(
            "ENUM_VALUE_PREFIX",
            "small",
            file -> kind(file).getValueBuilder(1).setName("KIND_raw")),
        broken("SERVICE_SUFFIX", "no suffix", file -> service(file).setName("Disks")),
        broken(
            "RPC_PASCAL_CASE",
            "small",
            file -> service(file).getMethodBuilder(0).setName("getDisk")),
        broken(
            "RPC_RESPONSE_STANDARD_NAME",
            "another answer",
            file -> service(file).getMethodBuilder(0).setOutputType(".drover.v1.Disk")),
        broken(
            "RPC_REQUEST_RESPONSE_UNIQUE",
            "shared",
            file -> service(file).getMethodBuilder(0).setOutputType(".drover.v1.GetDiskRequest")),
        broken("COMMENT_MESSAGE", "none", file -> file.clearSourceCodeInfo()),
        broken(
            "COMMENT_MESSAGE",
            "of a oneof",
            file -> {
              message(file).addOneofDecl(OneofDescriptorProto.newBuilder().setName("ref"));
              field(file).setOneofIndex(0);
            }));
  }

  /** A file as changed, beside others that it may import. */
  private static ApiDescriptors sample(Consumer<FileDescriptorProto.Builder> change) {
    FileDescriptorProto.Builder file = sampleFile();
    change.accept(file);
    return ApiDescriptors.link(
        List.of(
            empty("buf/validate/validate.proto", "buf.validate"), base(), other(), file.build()));
  }

  private static FileDescriptorProto empty(String name, String inPackage) {
    return FileDescriptorProto.newBuilder()
        .setName(name)
        .setPackage(inPackage)
        .setSyntax("proto3")
        .build();
  }

  private static FileDescriptorProto base() {
    return empty("drover/v1/base.proto", "drover.v1").toBuilder()
        .addMessageType(DescriptorProto.newBuilder().setName("Base"))
        .setSourceCodeInfo(SourceCodeInfo.newBuilder().addLocation(comment(4, 0)))
        .build();
  }

  /** A file that uses a message of {@code drover.v1}. */
  private static FileDescriptorProto other() {
    return empty("drover/other/v1/other.proto", "drover.other.v1").toBuilder()
        .addDependency("drover/v1/base.proto")
        .setSourceCodeInfo(
            SourceCodeInfo.newBuilder().addLocation(comment(4, 0)).addLocation(comment(4, 0, 2, 0)))
        .addMessageType(
            DescriptorProto.newBuilder()
                .setName("Other")
                .addField(
                    FieldDescriptorProto.newBuilder()
                        .setName("base")
                        .setNumber(1)
                        .setLabel(Label.LABEL_OPTIONAL)
                        .setType(Type.TYPE_MESSAGE)
                        .setTypeName(".drover.v1.Base")))
        .build();
  }

  private static Location comment(Integer... path) {
    return Location.newBuilder()
        .addAllPath(List.of(path))
        .setLeadingComments(" What it is.")
        .build();
  }

  private static FileDescriptorProto.Builder sampleFile() {
    FileDescriptorProto.Builder file =
        FileDescriptorProto.newBuilder()
            .setName("drover/v1/sample_service.proto")
            .setPackage("drover.v1")
            .setSyntax("proto3")
            .addMessageType(
                DescriptorProto.newBuilder()
                    .setName("Disk")
                    .addField(
                        FieldDescriptorProto.newBuilder()
                            .setName("name")
                            .setNumber(1)
                            .setLabel(Label.LABEL_OPTIONAL)
                            .setType(Type.TYPE_STRING)))
            .addMessageType(DescriptorProto.newBuilder().setName("GetDiskRequest"))
            .addMessageType(DescriptorProto.newBuilder().setName("GetDiskResponse"))
            .addEnumType(
                EnumDescriptorProto.newBuilder()
                    .setName("Kind")
                    .addValue(value("KIND_UNSPECIFIED", 0))
                    .addValue(value("KIND_RAW", 1)))
            .addService(
                ServiceDescriptorProto.newBuilder()
                    .setName("DiskService")
                    .addMethod(
                        MethodDescriptorProto.newBuilder()
                            .setName("GetDisk")
                            .setInputType(".drover.v1.GetDiskRequest")
                            .setOutputType(".drover.v1.GetDiskResponse")));
    file.getSourceCodeInfoBuilder()
        .addLocation(comment(4, 0))
        .addLocation(comment(4, 0, 2, 0))
        .addLocation(comment(4, 1))
        .addLocation(comment(4, 2))
        .addLocation(comment(5, 0))
        .addLocation(comment(5, 0, 2, 0))
        .addLocation(comment(5, 0, 2, 1))
        .addLocation(comment(6, 0))
        .addLocation(comment(6, 0, 2, 0));
    return file;
  }

  private static EnumValueDescriptorProto value(String name, int number) {
    return EnumValueDescriptorProto.newBuilder().setName(name).setNumber(number).build();
  }

  private static DescriptorProto.Builder message(FileDescriptorProto.Builder file) {
    return file.getMessageTypeBuilder(0);
  }

  private static FieldDescriptorProto.Builder field(FileDescriptorProto.Builder file) {
    return message(file).getFieldBuilder(0);
  }

  private static EnumDescriptorProto.Builder kind(FileDescriptorProto.Builder file) {
    return file.getEnumTypeBuilder(0);
  }

  private static ServiceDescriptorProto.Builder service(FileDescriptorProto.Builder file) {
    return file.getServiceBuilder(0);
  }

  private static Arguments broken(
      String bufName, String what, Consumer<FileDescriptorProto.Builder> change) {
    return Arguments.of(LintRule.named(bufName), what, change);
  }
}
