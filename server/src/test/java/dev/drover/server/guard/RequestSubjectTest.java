package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.GetVersionRequest;
import dev.drover.v1.StartDomainRequest;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** R30: what log lines and audit records say a request was about. */
class RequestSubjectTest {

  private static final DomainRef WEB = DomainRef.newBuilder().setName("web").build();

  static Stream<Arguments> requests() {
    return Stream.of(
        Arguments.of(start(WEB), Map.of("domain", "web")),
        Arguments.of(start(DomainRef.newBuilder().setUuid("u-1").build()), Map.of("domain", "u-1")),
        Arguments.of(
            start(DomainRef.newBuilder().setId(-1).build()), Map.of("domain", "4294967295")),
        Arguments.of(start(DomainRef.getDefaultInstance()), Map.of()),
        Arguments.of(
            CreateDomainRequest.newBuilder()
                .setSpec(DomainSpec.newBuilder().setName("db"))
                .setRequestId("r")
                .build(),
            Map.of("domain", "db", "request_id", "r")),
        Arguments.of(
            BlockPullRequest.newBuilder().setDomain(WEB).setDisk("vda").build(),
            Map.of("domain", "web", "disk", "vda")),
        Arguments.of(
            CancelJobRequest.newBuilder().setJobId("7").setRequestId("r").build(),
            Map.of("job", "7", "request_id", "r")),
        Arguments.of(
            CompleteJobsRequest.newBuilder().addJobIds("7").addJobIds("8").build(),
            Map.of("jobs", "7,8")),
        Arguments.of(
            DeleteSnapshotRequest.newBuilder()
                .setDomain(WEB)
                .setName("s1")
                .setValidateOnly(true)
                .build(),
            Map.of("domain", "web", "snapshot", "s1", "validate_only", "true")),
        Arguments.of(GetVersionRequest.getDefaultInstance(), Map.of()));
  }

  private static StartDomainRequest start(DomainRef ref) {
    return StartDomainRequest.newBuilder().setDomain(ref).build();
  }

  @ParameterizedTest
  @MethodSource("requests")
  void aRequestIsAboutWhatItNames(Message request, Map<String, String> parts) {
    assertThat(RequestSubject.of(request).parts()).isEqualTo(parts);
  }

  @Test
  void whatIsLongerThanAnyNameIsCutOff() {
    RequestSubject subject =
        RequestSubject.of(
            StartDomainRequest.newBuilder()
                .setDomain(DomainRef.newBuilder().setName("x".repeat(1 << 20)))
                .build());
    assertThat(subject.parts()).containsEntry("domain", "x".repeat(4096) + "...");
  }
}
