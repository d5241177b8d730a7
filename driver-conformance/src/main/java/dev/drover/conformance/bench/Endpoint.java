package dev.drover.conformance.bench;

import com.google.protobuf.Descriptors;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.drover.testing.v1.TestControlServiceGrpc;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.Effect;
import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.HostServiceGrpc;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.OptionsProto;
import dev.drover.v1.SnapshotServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.stub.ClientCalls;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One RPC of the API, to be called without knowing its types.
 *
 * @param method how it is called
 * @param schema its descriptor
 */
public record Endpoint(
    MethodDescriptor<Message, Message> method, Descriptors.MethodDescriptor schema) {

  /** No message of the API has this number. */
  private static final int UNKNOWN_NUMBER = 19_000 - 1;

  /** Every RPC of drover.v1, and of drover.testing.v1. */
  public static List<Endpoint> all() {
    List<Endpoint> endpoints = new ArrayList<>();
    for (ServiceDescriptor service :
        List.of(
            HostServiceGrpc.getServiceDescriptor(),
            DomainServiceGrpc.getServiceDescriptor(),
            BlockServiceGrpc.getServiceDescriptor(),
            SnapshotServiceGrpc.getServiceDescriptor(),
            JobServiceGrpc.getServiceDescriptor(),
            EventServiceGrpc.getServiceDescriptor(),
            TestControlServiceGrpc.getServiceDescriptor())) {
      for (MethodDescriptor<?, ?> method : service.getMethods()) {
        endpoints.add(of(method));
      }
    }
    return List.copyOf(endpoints);
  }

  // The stubs are generated from proto messages alone, so both types are messages.
  @SuppressWarnings("unchecked")
  private static Endpoint of(MethodDescriptor<?, ?> method) {
    if (method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier supplier) {
      return new Endpoint(
          (MethodDescriptor<Message, Message>) method, supplier.getMethodDescriptor());
    }
    throw new IllegalStateException(method.getFullMethodName() + " has no descriptor");
  }

  /** What it may change. */
  public Effect effect() {
    return schema.getOptions().getExtension(OptionsProto.rule).getEffect();
  }

  /** Whether it belongs to the API that every driver serves. */
  public boolean ordinary() {
    return schema.getFile().getPackage().equals("drover.v1");
  }

  /** Whether its request has a field of this name. */
  public boolean takes(String field) {
    return schema.getInputType().findFieldByName(field) != null;
  }

  /** Its request without anything in it. */
  public Message empty() {
    return method.parseRequest(InputStream.nullInputStream());
  }

  /** Its request with a field that no daemon knows. */
  public Message unknown() {
    UnknownFieldSet field =
        UnknownFieldSet.newBuilder()
            .addField(UNKNOWN_NUMBER, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();
    return empty().toBuilder().setUnknownFields(field).build();
  }

  /** Calls it and reads the first answer. */
  public void call(Calls calls, Message request) {
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(calls.patience().toMillis(), TimeUnit.MILLISECONDS);
    if (method.getType() == MethodDescriptor.MethodType.SERVER_STREAMING) {
      var _ =
          ClientCalls.blockingServerStreamingCall(calls.channel(), method, options, request)
              .hasNext();
    } else {
      var _ = ClientCalls.blockingUnaryCall(calls.channel(), method, options, request);
    }
  }

  @Override
  public String toString() {
    return schema.getName();
  }
}
