package dev.drover.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.stub.MetadataUtils;
import java.util.Map;

/** A channel whose calls carry what picks the driver, which is put together for the first call. */
final class DriverChannel extends Channel {
  private final Channel channel;
  private final Map<String, String> headers;

  /**
   * @param headers what each call carries, in ASCII, by name
   */
  DriverChannel(Channel channel, Map<String, String> headers) {
    this.channel = channel;
    this.headers = Map.copyOf(headers);
  }

  @Override
  public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
    Metadata metadata = new Metadata();
    headers.forEach(
        (name, value) ->
            metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    return ClientInterceptors.intercept(
            channel, MetadataUtils.newAttachHeadersInterceptor(metadata))
        .newCall(method, options);
  }

  @Override
  public String authority() {
    return channel.authority();
  }
}
