package dev.drover.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.DescriptorProto.ReservedRange;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto.EnumReservedRange;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileOptions;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The API keeps what it promised, and the listing notices when it does not. */
class ApiListingTest {

  /** Relative to the module: surefire's working directory. */
  private static final Path RECORDED = Path.of("descriptors", "drover-v1.txt");

  @Test
  void apiKeepsEveryRecordedPromise() throws IOException {
    assertThat(ApiListing.read(RECORDED).brokenBy(compiled()))
        .as(
            "promises in %s that the protos break; if meant: bin/update-descriptor --breaking",
            RECORDED)
        .isEmpty();
  }

  @Test
  void everyPromiseIsRecorded() throws IOException {
    assertThat(ApiListing.read(RECORDED).addedBy(compiled()))
        .as("additions that %s does not have yet: run bin/update-descriptor", RECORDED)
        .isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("breaks")
  void listingNoticesABreak(String what, Consumer<FileDescriptorProto.Builder> change) {
    assertThat(listing(file -> {}).brokenBy(listing(change))).isNotEmpty();
  }

  static Stream<Arguments> breaks() {
    return Stream.of(
        broken("file moved", file -> file.setName("other.proto")),
        broken("Go package changed", file -> file.getOptionsBuilder().setGoPackage("other")),
        broken("reserved name freed", file -> file.getMessageTypeBuilder(0).clearReservedName()),
        broken("reserved number freed", file -> file.getMessageTypeBuilder(0).clearReservedRange()),
        broken("reserved value freed", file -> file.getEnumTypeBuilder(0).clearReservedRange()),
        broken(
            "64-bit number as text in JavaScript",
            file -> field(file).getOptionsBuilder().setJstype(FieldOptions.JSType.JS_STRING)),
        broken(
            "rpc of another idempotency",
            file -> rpc(file).getOptionsBuilder().setIdempotencyLevel(IdempotencyLevel.IDEMPOTENT)),
        broken("field removed", file -> file.getMessageTypeBuilder(0).removeField(0)),
        broken("field renamed", file -> field(file).setName("title").setJsonName("title")),
        broken("field renumbered", file -> field(file).setNumber(7)),
        broken("field retyped", file -> field(file).setType(Type.TYPE_BYTES)),
        broken("field repeated", file -> field(file).setLabel(Label.LABEL_REPEATED)),
        broken("field renamed in JSON", file -> field(file).setJsonName("title")),
        broken(
            "field moved into a oneof",
            file -> {
              file.getMessageTypeBuilder(0)
                  .addOneofDecl(OneofDescriptorProto.newBuilder().setName("ref"));
              field(file).setOneofIndex(0);
            }),
        broken("message removed", file -> file.removeMessageType(1)),
        broken("enum value removed", file -> file.getEnumTypeBuilder(0).removeValue(1)),
        broken(
            "enum value renumbered",
            file -> file.getEnumTypeBuilder(0).getValueBuilder(1).setNumber(9)),
        broken("enum removed", file -> file.removeEnumType(0)),
        broken("service removed", ApiListingTest::removeService),
        broken("rpc removed", file -> file.getServiceBuilder(0).removeMethod(0)),
        broken("rpc answers another message", file -> rpc(file).setOutputType(".drover.v1.Disk")),
        broken("rpc streams its answer", file -> rpc(file).setServerStreaming(true)),
        broken("rpc streams its request", file -> rpc(file).setClientStreaming(true)));
  }

  @Test
  void listingTakesAnAdditionForNoBreak() {
    ApiListing before = listing(file -> {});
    ApiListing after =
        listing(file -> file.getMessageTypeBuilder(0).addField(stringField("title", 2)));

    assertThat(before.brokenBy(after)).isEmpty();
    assertThat(before.addedBy(after)).containsExactly("message drover.v1.Disk     2 string title");
  }

  @Test
  void listingReadsBackWhatItWrote(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("listing.txt");
    compiled().write(file);

    assertThat(ApiListing.read(file)).isEqualTo(compiled());
  }

  private static ApiListing compiled() {
    return ApiListing.of(ApiDescriptors.compiled().inPackage("drover.v1"));
  }

  private static ApiListing listing(Consumer<FileDescriptorProto.Builder> change) {
    FileDescriptorProto.Builder file = sample();
    change.accept(file);
    return ApiListing.of(ApiDescriptors.link(List.of(file.build())));
  }

  private static FileDescriptorProto.Builder sample() {
    return FileDescriptorProto.newBuilder()
        .setName("sample.proto")
        .setOptions(FileOptions.newBuilder().setGoPackage("example.org/sample"))
        .setPackage("drover.v1")
        .setSyntax("proto3")
        .addMessageType(
            DescriptorProto.newBuilder()
                .setName("Disk")
                .addField(stringField("name", 1))
                .addReservedName("old")
                .addReservedRange(ReservedRange.newBuilder().setStart(20).setEnd(22)))
        .addMessageType(DescriptorProto.newBuilder().setName("Pool"))
        .addMessageType(DescriptorProto.newBuilder().setName("Answer"))
        .addEnumType(
            EnumDescriptorProto.newBuilder()
                .setName("Kind")
                .addReservedRange(EnumReservedRange.newBuilder().setStart(20).setEnd(20))
                .addValue(value("KIND_UNSPECIFIED", 0))
                .addValue(value("KIND_RAW", 1)))
        .addService(
            ServiceDescriptorProto.newBuilder()
                .setName("DiskService")
                .addMethod(
                    MethodDescriptorProto.newBuilder()
                        .setName("Get")
                        .setInputType(".drover.v1.Disk")
                        .setOutputType(".drover.v1.Answer")));
  }

  private static FieldDescriptorProto stringField(String name, int number) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setJsonName(name)
        .setNumber(number)
        .setLabel(Label.LABEL_OPTIONAL)
        .setType(Type.TYPE_STRING)
        .build();
  }

  private static EnumValueDescriptorProto value(String name, int number) {
    return EnumValueDescriptorProto.newBuilder().setName(name).setNumber(number).build();
  }

  private static FieldDescriptorProto.Builder field(FileDescriptorProto.Builder file) {
    return file.getMessageTypeBuilder(0).getFieldBuilder(0);
  }

  private static MethodDescriptorProto.Builder rpc(FileDescriptorProto.Builder file) {
    return file.getServiceBuilder(0).getMethodBuilder(0);
  }

  private static void removeService(FileDescriptorProto.Builder file) {
    file.removeService(0);
  }

  private static Arguments broken(String what, Consumer<FileDescriptorProto.Builder> change) {
    return Arguments.of(what, change);
  }
}
