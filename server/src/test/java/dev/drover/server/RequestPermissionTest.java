package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.drover.server.fake.ApiMethods;
import dev.drover.server.fake.Callers;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SnapshotServiceGrpc;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R23: what a request asks for may need more than the permission of its method. */
class RequestPermissionTest {

  private static final String POLICY =
      """
      [roles.snapshots]
      permissions = ["domain.read", "domain.snapshot.write"]
      [roles.definers]
      permissions = ["domain.read", "domain.write"]
      [[binding]]
      principals = ["x509:dns:snapshots"]
      role = "snapshots"
      [[binding]]
      principals = ["x509:dns:definers"]
      role = "definers"
      [[binding]]
      principals = ["x509:dns:limited"]
      role = "admin"
      domains = ["web"]
      [[binding]]
      principals = ["x509:dns:backup"]
      role = "backup"
      [[binding]]
      principals = ["x509:dns:admin"]
      role = "admin"
      """;

  @TempDir private Path directory;
  private final Callers callers = new Callers();
  private RunningDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    Path file = Files.writeString(directory.resolve("policy.toml"), POLICY);
    daemon = RunningDaemon.governed(directory, file, callers, FakeProvider.complete());
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  /** G12: a copy that begins with a snapshot is a block job like any other. */
  @Test
  void whoMayMakeSnapshotsMayNotCopyDisksForThat() {
    CreateSnapshotRequest plain =
        CreateSnapshotRequest.newBuilder().setDomain(DomainRef.newBuilder().setName("web")).build();
    CreateSnapshotRequest copying =
        plain.toBuilder()
            .addCopies(
                BlockCopyRequest.newBuilder()
                    .setDisk("vda")
                    .setDestination(
                        Image.newBuilder()
                            .setPath("/far/copy")
                            .setFormat(ImageFormat.IMAGE_FORMAT_RAW)))
            .build();
    callers.now("x509:dns:snapshots");
    assertThat(outcome(plain)).isEqualTo("OK");
    assertThat(outcome(copying)).isEqualTo("PERMISSION_DENIED");
    callers.now("x509:dns:backup");
    assertThat(outcome(copying)).isEqualTo("OK");
  }

  /** Arguments for the hypervisor reach any file: not even who has a domain may give it some. */
  @Test
  void argumentsForTheHypervisorNeedTheirPermissionForEveryDomain() {
    DomainSpec plain = DomainSpec.newBuilder().setName("web").setMemoryBytes(1 << 28).build();
    DomainSpec arguments = plain.toBuilder().addQemuArgs("-no-reboot").build();
    for (String caller : List.of("definers", "limited")) {
      callers.now("x509:dns:" + caller);
      assertThat(define(plain)).as(caller).isEqualTo("OK");
      assertThat(define(arguments)).as(caller).isEqualTo("PERMISSION_DENIED");
      assertThat(create(plain)).as(caller).isEqualTo("OK");
      assertThat(create(arguments)).as(caller).isEqualTo("PERMISSION_DENIED");
    }
    callers.now("x509:dns:admin");
    assertThat(define(arguments)).isEqualTo("OK");
    assertThat(create(arguments)).isEqualTo("OK");
  }

  private String define(DomainSpec spec) {
    return outcome(
        DomainServiceGrpc.getDefineDomainMethod(),
        DefineDomainRequest.newBuilder().setSpec(spec).build());
  }

  private String create(DomainSpec spec) {
    return outcome(
        DomainServiceGrpc.getCreateDomainMethod(),
        CreateDomainRequest.newBuilder().setSpec(spec).build());
  }

  private String outcome(CreateSnapshotRequest request) {
    return outcome(SnapshotServiceGrpc.getCreateSnapshotMethod(), request);
  }

  private String outcome(MethodDescriptor<?, ?> wanted, Message request) {
    MethodDescriptor<Message, Message> method =
        ApiMethods.all()
            .filter(one -> one.getFullMethodName().equals(wanted.getFullMethodName()))
            .findFirst()
            .orElseThrow();
    return ApiMethods.outcome(daemon.channel(), method, request);
  }
}
