package dev.drover.dist;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Channel;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An API as the reflection service of a server tells it. */
final class ReflectedApi {

  private final Channel channel;
  private final Map<String, FileDescriptor> files = new HashMap<>();

  private ReflectedApi(Channel channel) {
    this.channel = channel;
  }

  /** The API that is served at the other end of a channel. */
  static ReflectedApi of(Channel channel) {
    return new ReflectedApi(channel);
  }

  /** A method of a service. */
  MethodDescriptor method(String service, String name) throws Exception {
    FileDescriptorProto file =
        ask(ServerReflectionRequest.newBuilder().setFileContainingSymbol(service).build());
    return file(file)
        .findServiceByName(service.substring(service.lastIndexOf('.') + 1))
        .findMethodByName(name);
  }

  private FileDescriptor file(FileDescriptorProto proto) throws Exception {
    FileDescriptor known = files.get(proto.getName());
    if (known != null) {
      return known;
    }
    FileDescriptor[] imports = new FileDescriptor[proto.getDependencyCount()];
    for (int i = 0; i < imports.length; i++) {
      imports[i] = named(proto.getDependency(i));
    }
    return build(proto, imports);
  }

  private FileDescriptor named(String name) throws Exception {
    FileDescriptor known = files.get(name);
    return known != null
        ? known
        : file(ask(ServerReflectionRequest.newBuilder().setFileByFilename(name).build()));
  }

  private FileDescriptor build(FileDescriptorProto proto, FileDescriptor[] imports)
      throws DescriptorValidationException {
    FileDescriptor built = FileDescriptor.buildFrom(proto, imports);
    files.put(proto.getName(), built);
    return built;
  }

  private FileDescriptorProto ask(ServerReflectionRequest request) throws Exception {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel)
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    answer.completeExceptionally(new IllegalStateException("no answer"));
                  }
                });
    requests.onNext(request);
    ServerReflectionResponse response = answer.get(30, TimeUnit.SECONDS);
    requests.onCompleted();
    return first(response);
  }

  private static FileDescriptorProto first(ServerReflectionResponse response)
      throws InvalidProtocolBufferException {
    if (response.hasErrorResponse()) {
      throw new IllegalStateException(response.getErrorResponse().getErrorMessage());
    }
    ByteString bytes = response.getFileDescriptorResponse().getFileDescriptorProto(0);
    return FileDescriptorProto.parseFrom(bytes);
  }
}
