package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.UnknownFieldSet;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCommitResponse;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.SetDomainAutostartRequest;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A4: which failure a call with several faults reports, and that no driver code has run by then.
 */
class GuardOrderTest {

  private static final DomainRef WEB = DomainRef.newBuilder().setName("web").build();
  private static final BlockCommitRequest SOUND =
      BlockCommitRequest.newBuilder().setDomain(WEB).setDisk("vda").build();
  private static final BlockCommitRequest WITHOUT_DISK =
      BlockCommitRequest.newBuilder().setDomain(WEB).build();
  private static final BlockCommitRequest SHALLOW_WITH_BASE =
      SOUND.toBuilder().setShallow(true).setBase("/base").build();
  private static final BlockCommitRequest UNKNOWN_FIELD_WITHOUT_DISK =
      WITHOUT_DISK.toBuilder()
          .setUnknownFields(
              UnknownFieldSet.newBuilder()
                  .addField(4711, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                  .build())
          .build();

  private static final Map<String, String> READ_ONLY = Map.of("drover-read-only", "true");
  private static final Map<String, String> BARE = Map.of("drover-uri", "bare:///x");
  private static final Map<String, String> NOWHERE = Map.of("drover-uri", "xen:///system");

  @TempDir private Path directory;
  private final FakeProvider complete = FakeProvider.complete();
  private final FakeProvider bare = FakeProvider.bare("bare", "bare:///x");
  private RunningDaemon daemon;

  @BeforeEach
  void start() {
    daemon = RunningDaemon.inProcess(directory, complete, bare);
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of(Map.of(), WITHOUT_DISK, "INVALID_ARGUMENT", Code.INVALID_ARGUMENT, "8"),
        Arguments.of(READ_ONLY, WITHOUT_DISK, "READ_ONLY_CONNECTION", Code.PERMISSION_DENIED, "29"),
        Arguments.of(
            READ_ONLY,
            UNKNOWN_FIELD_WITHOUT_DISK,
            "READ_ONLY_CONNECTION",
            Code.PERMISSION_DENIED,
            "29"),
        Arguments.of(
            Map.of("drover-read-only", "true", "drover-uri", "xen:///system"),
            SOUND,
            "READ_ONLY_CONNECTION",
            Code.PERMISSION_DENIED,
            "29"),
        Arguments.of(
            Map.of("drover-read-only", "perhaps"),
            SOUND,
            "INVALID_ARGUMENT",
            Code.INVALID_ARGUMENT,
            "8"),
        Arguments.of(
            Map.of(), UNKNOWN_FIELD_WITHOUT_DISK, "UNKNOWN_FIELD", Code.INVALID_ARGUMENT, "8"),
        Arguments.of(Map.of(), SHALLOW_WITH_BASE, "INVALID_ARGUMENT", Code.INVALID_ARGUMENT, "8"),
        Arguments.of(NOWHERE, WITHOUT_DISK, "INVALID_ARGUMENT", Code.INVALID_ARGUMENT, "8"),
        Arguments.of(NOWHERE, SOUND, "UNKNOWN_DRIVER", Code.INVALID_ARGUMENT, "5"),
        Arguments.of(
            Map.of("drover-uri", "no uri"),
            SOUND,
            "CONNECTION_URI_INVALID",
            Code.INVALID_ARGUMENT,
            "8"),
        Arguments.of(BARE, WITHOUT_DISK, "INVALID_ARGUMENT", Code.INVALID_ARGUMENT, "8"),
        Arguments.of(BARE, SOUND, "NOT_SUPPORTED", Code.UNIMPLEMENTED, "3"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void theFirstGuardThatRefusesIsTheOneThatAnswers(
      Map<String, String> metadata,
      BlockCommitRequest request,
      String reason,
      Code code,
      String libvirtCode) {
    StatusRuntimeException failure = failure(metadata, request);
    assertThat(RunningDaemon.info(failure).getReason()).isEqualTo(reason);
    assertThat(RunningDaemon.info(failure).getDomain()).isEqualTo("drover.dev");
    assertThat(RunningDaemon.info(failure).getMetadataMap())
        .containsEntry("libvirt_code", libvirtCode);
    assertThat(failure.getStatus().getCode()).isEqualTo(code);
    assertThat(complete.driver().seen()).isEmpty();
    assertThat(bare.driver().seen()).isEmpty();
  }

  /** A3: the message names what the driver lacks. */
  @Test
  void aMissingFacetIsNamedByItsMethod() {
    StatusRuntimeException failure = failure(BARE, SOUND);
    assertThat(failure).hasMessageContaining("drover.v1.BlockService/BlockCommit");
    assertThat(RunningDaemon.info(failure).getMetadataMap())
        .containsEntry("method", "drover.v1.BlockService/BlockCommit");
  }

  @Test
  void unknownDriversAreAnsweredWithThoseThereAre() {
    StatusRuntimeException failure = failure(NOWHERE, SOUND);
    assertThat(RunningDaemon.info(failure).getMetadataMap())
        .containsEntry("known", "test:///default, bare:///x");
  }

  /** A6: what a call failed with is told by that call alone. */
  @Test
  void aFailureLeavesNothingForTheNextCall() {
    failure(NOWHERE, WITHOUT_DISK);
    BlockCommitResponse response =
        BlockServiceGrpc.newBlockingStub(daemon.channel()).blockCommit(SOUND);
    assertThat(response.hasJob()).isTrue();
  }

  /** R16: every driver has the call, and this one does not declare what it needs. */
  @Test
  void whatADriverDoesNotDeclareDoesNotReachIt() {
    bare.driver().put("web");
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                DomainServiceGrpc.newBlockingStub(daemon.with("drover-uri", "bare:///x"))
                    .setDomainAutostart(
                        SetDomainAutostartRequest.newBuilder().setDomain(WEB).build()));
    assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("NOT_SUPPORTED");
    assertThat(RunningDaemon.info(failure).getMetadataMap())
        .containsEntry("capability", "CAPABILITY_DOMAIN_AUTOSTART");
    assertThat(bare.driver().seen()).isEmpty();
  }

  @Test
  void aReadOnlyConnectionReads() {
    var stub = BlockServiceGrpc.newBlockingStub(daemon.with("drover-read-only", "true"));
    assertThat(
            stub.getBackingChain(
                    GetBackingChainRequest.newBuilder().setDomain(WEB).setDisk("vda").build())
                .getChain()
                .getDisk())
        .isEqualTo("vda");
  }

  @Test
  void aMethodThatNoServiceHasIsNotSupported() {
    var method =
        BlockServiceGrpc.getBlockCommitMethod().toBuilder()
            .setFullMethodName("drover.v1.BlockService/BlockDefragment")
            .build();
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingUnaryCall(
                    daemon.channel(), method, CallOptions.DEFAULT, SOUND));
    assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("NOT_SUPPORTED");
    assertThat(RunningDaemon.info(failure).getMetadataMap())
        .containsEntry("method", "drover.v1.BlockService/BlockDefragment");
  }

  private StatusRuntimeException failure(Map<String, String> metadata, BlockCommitRequest request) {
    Metadata headers = new Metadata();
    metadata.forEach(
        (key, value) -> headers.put(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER), value));
    var channel =
        ClientInterceptors.intercept(
            daemon.channel(), MetadataUtils.newAttachHeadersInterceptor(headers));
    return catchThrowableOfType(
        StatusRuntimeException.class,
        () -> BlockServiceGrpc.newBlockingStub(channel).blockCommit(request));
  }
}
