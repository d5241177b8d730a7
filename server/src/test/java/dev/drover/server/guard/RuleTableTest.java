package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodOptions;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.drover.server.argument.ArgumentRules;
import dev.drover.testing.v1.TestControlServiceGrpc;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.Effect;
import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.GetVersionRequest;
import dev.drover.v1.HostServiceGrpc;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.OptionsProto;
import dev.drover.v1.Rule;
import dev.drover.v1.SnapshotServiceGrpc;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** R23, A4: every call is declared, and whatever is not declared is denied. */
class RuleTableTest {

  private static final List<BindableService> DROVER =
      List.of(
          new HostServiceGrpc.HostServiceImplBase() {},
          new DomainServiceGrpc.DomainServiceImplBase() {},
          new BlockServiceGrpc.BlockServiceImplBase() {},
          new SnapshotServiceGrpc.SnapshotServiceImplBase() {},
          new JobServiceGrpc.JobServiceImplBase() {},
          new EventServiceGrpc.EventServiceImplBase() {},
          new TestControlServiceGrpc.TestControlServiceImplBase() {});

  private final RuleTable rules =
      new RuleTable(DROVER.stream().map(BindableService::bindService).toList());

  @Test
  void everyMethodOfTheApiHasARule() {
    for (MethodDescriptor method : methods()) {
      String name = method.getService().getFullName() + "/" + method.getName();
      assertThat(rules.rule(name)).as(name).isPresent();
      assertThat(rules.rule(name).orElseThrow().drover()).isTrue();
      assertThat(rules.rule(name).orElseThrow().permission()).matches("[a-z]+(\\.[a-z-]+)+");
    }
  }

  @Test
  void callsThatChangeSomethingAreThoseThatSaySo() {
    assertThat(rules.rule("drover.v1.DomainService/StartDomain").orElseThrow().effect())
        .isEqualTo(Effect.EFFECT_MUTATES);
    assertThat(rules.rule("drover.v1.DomainService/GetDomain").orElseThrow().effect())
        .isEqualTo(Effect.EFFECT_READS);
  }

  @Test
  void everyRequestOfTheApiHasArgumentRules() {
    var types =
        new ArgumentRules().types().stream().map(Class::getSimpleName).collect(Collectors.toSet());
    assertThat(types)
        .containsExactlyInAnyOrderElementsOf(
            methods().stream().map(method -> method.getInputType().getName()).toList());
  }

  /** R7: whatever changes something can be made to run once, except the tests' own controls. */
  @Test
  void everyCallThatChangesSomethingTakesARequestId() {
    for (MethodDescriptor method : methods()) {
      String name = method.getService().getFullName() + "/" + method.getName();
      if (rules.rule(name).orElseThrow().mutates() && !name.startsWith("drover.testing.")) {
        assertThat(method.getInputType().findFieldByName("request_id")).as(name).isNotNull();
      }
    }
  }

  @Test
  void theStandardServicesHaveRulesAndOthersNone() {
    RuleTable standard =
        new RuleTable(
            List.of(
                new HealthStatusManager().getHealthService().bindService(),
                ProtoReflectionServiceV1.newInstance().bindService(),
                ChannelzService.newInstance(1).bindService()));
    assertThat(standard.rule("grpc.health.v1.Health/Check").orElseThrow().permission())
        .isEqualTo("host.read");
    assertThat(
            standard
                .rule("grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
                .orElseThrow()
                .mutates())
        .isFalse();
    assertThat(standard.rule("grpc.channelz.v1.Channelz/GetServers").orElseThrow().permission())
        .isEqualTo("host.admin");
    assertThat(standard.rule("drover.v1.DomainService/GetDomain")).isEmpty();
  }

  /** A rule that leaves out who may call or what the call does is as good as none. */
  @ParameterizedTest
  @MethodSource("rules")
  void aRuleThatIsNotWholeLetsNobodyIn(Optional<Rule> declared, boolean served)
      throws DescriptorValidationException {
    RuleTable table = new RuleTable(List.of(service(declared)));
    assertThat(table.rule("drover.v9.OddService/Odd").isPresent()).isEqualTo(served);
  }

  static Stream<Arguments> rules() {
    Rule whole =
        Rule.newBuilder().setPermission("host.read").setEffect(Effect.EFFECT_READS).build();
    return Stream.of(
        Arguments.of(Optional.of(whole), true),
        Arguments.of(Optional.of(whole.toBuilder().setEffect(Effect.EFFECT_MUTATES).build()), true),
        Arguments.of(Optional.of(whole.toBuilder().clearEffect().build()), false),
        Arguments.of(Optional.of(whole.toBuilder().setEffectValue(9).build()), false),
        Arguments.of(Optional.of(whole.toBuilder().clearPermission().build()), false),
        Arguments.of(Optional.empty(), false));
  }

  /** A service with one method, which declares a rule or none. */
  private static ServerServiceDefinition service(Optional<Rule> rule)
      throws DescriptorValidationException {
    MethodOptions.Builder options = MethodOptions.newBuilder();
    rule.ifPresent(one -> options.setExtension(OptionsProto.rule, one));
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("odd.proto")
            .setPackage("drover.v9")
            .addMessageType(DescriptorProto.newBuilder().setName("Odd"))
            .addService(
                ServiceDescriptorProto.newBuilder()
                    .setName("OddService")
                    .addMethod(
                        MethodDescriptorProto.newBuilder()
                            .setName("Odd")
                            .setInputType("Odd")
                            .setOutputType("Odd")
                            .setOptions(options)))
            .build();
    ServiceDescriptor odd =
        FileDescriptor.buildFrom(file, new FileDescriptor[] {}).findServiceByName("OddService");
    DynamicMessage message =
        DynamicMessage.getDefaultInstance(odd.getMethods().getFirst().getInputType());
    return ServerServiceDefinition.builder("drover.v9.OddService")
        .addMethod(
            io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
                .setType(MethodType.UNARY)
                .setFullMethodName("drover.v9.OddService/Odd")
                .setRequestMarshaller(ProtoUtils.marshaller(message))
                .setResponseMarshaller(ProtoUtils.marshaller(message))
                .setSchemaDescriptor(new Schema(odd))
                .build(),
            (_, _) -> new ServerCall.Listener<>() {})
        .build();
  }

  @Test
  void aMethodThatNothingDescribesLetsNobodyIn() {
    var marshaller = ProtoUtils.marshaller(GetVersionRequest.getDefaultInstance());
    var method =
        io.grpc.MethodDescriptor.<GetVersionRequest, GetVersionRequest>newBuilder()
            .setType(MethodType.UNARY)
            .setFullMethodName("drover.v9.OddService/Odd")
            .setRequestMarshaller(marshaller)
            .setResponseMarshaller(marshaller)
            .build();
    RuleTable table =
        new RuleTable(
            List.of(
                ServerServiceDefinition.builder("drover.v9.OddService")
                    .addMethod(method, (_, _) -> new ServerCall.Listener<>() {})
                    .build()));
    assertThat(table.rule("drover.v9.OddService/Odd")).isEmpty();
  }

  /** Where gRPC finds the descriptor of the first method of a service. */
  private record Schema(ServiceDescriptor service) implements ProtoMethodDescriptorSupplier {
    @Override
    public MethodDescriptor getMethodDescriptor() {
      return service.getMethods().getFirst();
    }

    @Override
    public ServiceDescriptor getServiceDescriptor() {
      return service;
    }

    @Override
    public FileDescriptor getFileDescriptor() {
      return service.getFile();
    }
  }

  @Test
  void aNameIsCompletedFromItsEnd() {
    assertThat(rules.endingWith("drover.v1.JobService/WatchJob"))
        .extracting(MethodRule::method, MethodRule::streaming)
        .containsExactly(tuple("drover.v1.JobService/WatchJob", true));
    assertThat(rules.endingWith("JobService/WaitJob"))
        .extracting(MethodRule::method, MethodRule::streaming)
        .containsExactly(tuple("drover.v1.JobService/WaitJob", false));
    assertThat(rules.endingWith("StartDomain"))
        .extracting(MethodRule::method)
        .containsExactly("drover.v1.DomainService/StartDomain");
    assertThat(rules.endingWith("Domain")).isEmpty();
  }

  private static List<MethodDescriptor> methods() {
    return DROVER.stream()
        .map(BindableService::bindService)
        .map(RuleTableTest::descriptor)
        .flatMap(service -> service.getMethods().stream())
        .toList();
  }

  private static ServiceDescriptor descriptor(ServerServiceDefinition service) {
    Object schema = service.getServiceDescriptor().getSchemaDescriptor();
    assertThat(schema).isInstanceOf(ProtoFileDescriptorSupplier.class);
    return ((ProtoServiceDescriptorSupplier) schema).getServiceDescriptor();
  }
}
