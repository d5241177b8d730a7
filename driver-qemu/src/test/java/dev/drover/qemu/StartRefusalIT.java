package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.drover.qemu.process.ProcessIdentity;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.process.SpawnSpec;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Acceleration;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is refused at a start, with its reason and nothing left behind. */
class StartRefusalIT {

  private final QemuWorld world = new QemuWorld();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  @Test
  void imagesThatCannotBeUsedAreNamed() throws Exception {
    world.openDriver();
    Path missing = world.images().resolve("missing.qcow2");
    refused(QemuWorld.spec("a", missing), ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND);
    Path text = Files.writeString(world.images().resolve("text"), "no image");
    refused(QemuWorld.spec("b", text), ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH);
    refused(
        QemuWorld.spec("c", world.overlay("o1", "gone.qcow2", "qcow2")),
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID);
    refused(
        QemuWorld.spec("d", world.overlay("o2", "text", "qcow2")),
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID);
    refused(
        QemuWorld.spec("e", world.overlay("loop", "loop", "qcow2")),
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID);
    assertThat(world.processes()).isEmpty();
    assertThat(world.runtimeRecords()).isEmpty();
    try (Stream<Path> left = Files.list(world.run())) {
      assertThat(left.filter(path -> !path.endsWith("probe"))).isEmpty();
    }
  }

  @Test
  void anImageThatAnotherDomainWritesIsInUse() {
    Path shared = world.qcow2("shared.qcow2");
    world.openDriver();
    world.define(QemuWorld.spec("first", shared));
    world.startPaused("first");
    refused(QemuWorld.spec("second", shared), ErrorReason.ERROR_REASON_IMAGE_IN_USE);
    assertThat(world.get("first").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
  }

  @Test
  void aHeaderThatTheGuestForgedIsNeverFollowed() throws Exception { // E12
    Path secret = Files.writeString(world.images().resolve("secret"), "secret".repeat(1000));
    Path forged = world.overlay("forged", secret.toString(), "raw");
    Path raw = world.images().resolve("disk.raw");
    Files.write(raw, Files.readAllBytes(forged));
    world.openDriver();
    world.define(
        QemuWorld.spec("victim").toBuilder()
            .addDisks(QemuWorld.disk("vda", raw, ImageFormat.IMAGE_FORMAT_RAW))
            .build());
    Domain started = world.startPaused("victim");
    List<String> open;
    try (Stream<Path> links =
        Files.list(Path.of("/proc/" + started.getStatus().getProcessId() + "/fd"))) {
      open =
          links
              .map(link -> link.toFile())
              .map(
                  file -> {
                    try {
                      return Files.readSymbolicLink(file.toPath()).toString();
                    } catch (IOException e) {
                      return "";
                    }
                  })
              .toList();
    }
    assertThat(open).contains(raw.toString()).doesNotContain(secret.toString());
  }

  @Test
  void aMissingBinaryIsToldAndDefinitionsAreStillServed() {
    world.with("qemu-binary", "/nonexistent/qemu");
    world.openDriver();
    assertThat(world.driver().info().unavailableDetail()).contains("/nonexistent/qemu");
    world.define(QemuWorld.spec("idle", world.qcow2("idle.qcow2")));
    assertThatThrownBy(() -> world.startPaused("idle"))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_HYPERVISOR_NOT_FOUND));
    assertThat(world.driver().domains().list()).hasSize(1);
  }

  @Test
  void whatThisHostCannotProvideIsRefusedByItsField() {
    world.openDriver();
    DomainSpec sound = QemuWorld.spec("x", world.qcow2("x.qcow2"));
    defineRefused(
        sound.toBuilder().setMachine("q35,firmware=/etc/passwd").build(),
        ErrorReason.ERROR_REASON_DOMAIN_SPEC_UNSUPPORTED,
        "machine");
    defineRefused(
        sound.toBuilder().setCpuModel("no-such-cpu").build(),
        ErrorReason.ERROR_REASON_DOMAIN_SPEC_UNSUPPORTED,
        "cpu_model");
    refused(
        sound.toBuilder().setAcceleration(Acceleration.ACCELERATION_KVM).build(),
        ErrorReason.ERROR_REASON_ACCELERATION_UNAVAILABLE);
  }

  @Test
  void imagesOutsideTheAllowedDirectoriesAreRefusedAlsoThroughLinksAndHeaders() throws Exception {
    world.with("allowed-directories", world.images().toString());
    world.openDriver();
    Path outside = Files.createFile(world.run().resolve("outside.raw"));
    Path link = Files.createSymbolicLink(world.images().resolve("link"), outside);
    defineRefused(QemuWorld.spec("a", outside), ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED, "");
    defineRefused(QemuWorld.spec("b", link), ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED, "");
    refused(
        QemuWorld.spec("c", world.overlay("over", outside.toString(), "raw")),
        ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED);
  }

  @Test
  void aProcessWhoseStartWasInterruptedIsEnded() throws Exception { // R2
    world.openDriver();
    Domain domain = world.define(QemuWorld.spec("torn", world.qcow2("torn.qcow2")));
    Domain started = world.startPaused("torn");
    String uuid = domain.getSpec().getUuid();
    String record = world.runtimeRecord(uuid).toString(StandardCharsets.UTF_8);
    world.destroy("torn");
    Path directory = Files.createDirectories(world.run().resolve(uuid));
    QemuProcess orphan =
        QemuProcess.spawn(
            new SpawnSpec(List.of("/bin/sleep", "1000"), directory, directory.resolve("qemu.log")));
    assertThat(ProcessIdentity.ofLiving(orphan.pid())).isPresent();
    // What a daemon leaves that was killed between making the process and noting its number.
    String interrupted =
        record
            .replace("\"RUNNING\"", "\"STARTING\"")
            .replace("\"pid\":" + started.getStatus().getProcessId(), "\"pid\":0");
    world
        .store()
        .transact(
            transaction ->
                transaction.put(
                    "qemu-runtime",
                    uuid,
                    ByteString.copyFrom(
                        ByteBuffer.wrap(interrupted.getBytes(StandardCharsets.UTF_8)))));
    world.openDriver();
    assertThat(QemuWorld.lives(orphan.pid())).isFalse();
    assertThat(world.runtimeRecords()).isEmpty();
    assertThat(world.get("torn").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    world.startPaused("torn");
  }

  private void refused(DomainSpec spec, ErrorReason reason) {
    world.define(spec);
    assertThatThrownBy(() -> world.startPaused(spec.getName()))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    assertThat(world.get(spec.getName()).getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
  }

  private void defineRefused(DomainSpec spec, ErrorReason reason, String field) {
    assertThatThrownBy(() -> world.define(spec))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              if (!field.isEmpty()) {
                assertThat(e.metadata()).containsEntry("field", field);
              }
            });
    assertThat(world.driver().domains().list()).isEmpty();
  }
}
