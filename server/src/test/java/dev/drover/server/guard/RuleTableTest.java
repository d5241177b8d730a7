package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.drover.server.argument.ArgumentRules;
import dev.drover.testing.v1.TestControlServiceGrpc;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.Effect;
import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.HostServiceGrpc;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.SnapshotServiceGrpc;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

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
