package dev.drover.server.guard;

import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.List;
import java.util.function.Function;

/** Services whose methods read or write messages in another way than their stubs do. */
public final class ServiceMethods {

  private ServiceMethods() {}

  /** The same service with other definitions of its methods. */
  public static ServerServiceDefinition changed(
      ServerServiceDefinition service,
      Function<ServerMethodDefinition<?, ?>, ServerMethodDefinition<?, ?>> change) {
    List<? extends ServerMethodDefinition<?, ?>> methods =
        service.getMethods().stream().map(change).toList();
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder changed = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(changed::addMethod);
    return changed.build();
  }
}
