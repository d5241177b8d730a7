package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.DomainRef;
import dev.drover.v1.OptionsProto;
import org.junit.jupiter.api.Test;

/** A7: the log shows what was asked, and never what is secret. */
class RequestTextTest {

  @Test
  void showsEveryArgumentOnOneLine() {
    String text =
        RequestText.of(
            BlockCommitRequest.newBuilder()
                .setDomain(DomainRef.newBuilder().setName("web"))
                .setDisk("vda")
                .setActive(true)
                .build());
    assertThat(text)
        .contains("name: \"web\"", "disk: \"vda\"", "active: true")
        .doesNotContain("\n");
  }

  @Test
  void leavesSensitiveFieldsOutAtAnyDepth() throws DescriptorValidationException {
    Descriptor secret = secret();
    DynamicMessage inner =
        DynamicMessage.newBuilder(secret)
            .setField(secret.findFieldByName("password"), "hunter2")
            .setField(secret.findFieldByName("user"), "ada")
            .build();
    DynamicMessage message =
        DynamicMessage.newBuilder(secret)
            .setField(secret.findFieldByName("password"), "hunter2")
            .addRepeatedField(secret.findFieldByName("more"), inner)
            .setField(
                secret.findFieldByName("one"),
                inner.toBuilder().setField(secret.findFieldByName("user"), "bob").build())
            .build();
    assertThat(RequestText.of(message)).contains("ada", "bob").doesNotContain("hunter2");
  }

  @Test
  void cutsOffWhatIsVeryLong() {
    String text =
        RequestText.of(BlockCommitRequest.newBuilder().setDisk("x".repeat(100_000)).build());
    assertThat(text).hasSizeLessThan(5_000).endsWith("...");
    String longest = "x".repeat(4096 - "disk: \"\"".length());
    assertThat(RequestText.of(BlockCommitRequest.newBuilder().setDisk(longest).build()))
        .hasSize(4096)
        .endsWith("x\"");
  }

  private static Descriptor secret() throws DescriptorValidationException {
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("secret.proto")
            .setSyntax("proto3")
            .addMessageType(
                DescriptorProto.newBuilder()
                    .setName("Secret")
                    .addField(field("user", 1))
                    .addField(
                        field("password", 2)
                            .setOptions(
                                FieldOptions.newBuilder()
                                    .setExtension(OptionsProto.sensitive, true)))
                    .addField(
                        FieldDescriptorProto.newBuilder()
                            .setName("more")
                            .setNumber(3)
                            .setTypeName("Secret")
                            .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
                            .setLabel(FieldDescriptorProto.Label.LABEL_REPEATED))
                    .addField(
                        FieldDescriptorProto.newBuilder()
                            .setName("one")
                            .setNumber(4)
                            .setTypeName("Secret")
                            .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
                            .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)))
            .build();
    return FileDescriptor.buildFrom(file, new FileDescriptor[] {}).findMessageTypeByName("Secret");
  }

  private static FieldDescriptorProto.Builder field(String name, int number) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setType(FieldDescriptorProto.Type.TYPE_STRING)
        .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL);
  }
}
