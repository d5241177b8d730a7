package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.Image;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R18: a failure arrives with its reason, however much of the request it repeats. */
class LongFailureTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(ints = {300, 2_000, 4_000, 20_000, 1_000_000})
  void aMessageThatRepeatsALongTextArrives(int length) {
    try (RunningDaemon daemon = RunningDaemon.onSocket(directory, FakeProvider.complete())) {
      for (String character : new String[] {"x", "é", "𝕏"}) {
        StatusRuntimeException failure =
            catchThrowableOfType(
                StatusRuntimeException.class,
                () ->
                    DomainServiceGrpc.newBlockingStub(daemon.channel())
                        .getDomain(
                            GetDomainRequest.newBuilder()
                                .setDomain(DomainRef.newBuilder().setUuid(character.repeat(length)))
                                .build()));
        assertThat(failure.getStatus().getCode())
            .as("%s", failure)
            .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure).hasMessageContaining("uuid").hasMessageContaining(character);
        assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("INVALID_ARGUMENT");
        assertThat(RunningDaemon.info(failure).getMetadataMap())
            .containsEntry("field", "domain.uuid");
      }
    }
  }

  @Test
  void aPathIsToldAsFarAsThereIsRoom() {
    try (RunningDaemon daemon = RunningDaemon.onSocket(directory, FakeProvider.complete())) {
      StatusRuntimeException failure =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  BlockServiceGrpc.newBlockingStub(daemon.channel())
                      .blockCopy(
                          BlockCopyRequest.newBuilder()
                              .setDomain(DomainRef.newBuilder().setName("web"))
                              .setDisk("vda")
                              .setDestination(
                                  Image.newBuilder()
                                      .setPath("images/" + "p".repeat(40_960) + "/end"))
                              .build()));
      assertThat(failure.getStatus().getCode())
          .as("%s", failure)
          .isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("PATH_NOT_ALLOWED");
      assertThat(RunningDaemon.info(failure).getMetadataOrThrow("path"))
          .startsWith("images/ppp")
          .endsWith("pp/end");
    }
  }
}
