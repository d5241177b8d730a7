package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SerialConsole;
import dev.drover.v1.SnapshotDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Links that are exchanged between the daemon's check and the hypervisor's opening (R11). The
 * exchange is certain: either the program that is started does it before it is itself, or the link
 * leads through the directory of whoever follows it, which the daemon and QEMU have not in common.
 */
class OpenedImagesIT {

  private final QemuWorld world = new QemuWorld();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  @Test
  void aDiskThatIsExchangedForAFileOutsideStopsTheStart() throws IOException {
    Path image = world.qcow2("image.qcow2");
    Path secret = Files.copy(image, world.run().resolve("secret.qcow2"));
    Path link = Files.createSymbolicLink(world.images().resolve("disk.qcow2"), image);
    world
        .with("allowed-directories", world.images().toString())
        .with("qemu-binary", exchanging("qemu-system-x86_64", "-blockdev", link, secret));
    world.openDriver();
    world.define(QemuWorld.spec("victim", link));
    diverged(() -> world.startPaused("victim"), link, secret);
    assertNothingLeft("victim");
    assertThat(Files.readSymbolicLink(link)).isEqualTo(secret);
  }

  @Test
  void aBackingImageThatIsExchangedForAnAllowedOneStopsTheStart() throws IOException {
    Path base = world.qcow2("base.qcow2");
    Path foreign = Files.copy(base, world.images().resolve("foreign.qcow2"));
    Path link = Files.createSymbolicLink(world.images().resolve("link.qcow2"), base);
    Path overlay = world.overlay("overlay.qcow2", link.toString(), "qcow2");
    world.with("qemu-binary", exchanging("qemu-system-x86_64", "-blockdev", link, foreign));
    world.openDriver();
    world.define(QemuWorld.spec("victim", overlay));
    diverged(() -> world.startPaused("victim"), link, foreign);
    assertNothingLeft("victim");
    // The link leads to one file from now on, whichever it is.
    assertThat(world.startPaused("victim").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
  }

  @Test
  void disksThatShareABackingImageStart() {
    Path base = world.qcow2("base.qcow2");
    Path one = world.overlay("one.qcow2", base.toString(), "qcow2");
    Path two = world.overlay("two.qcow2", base.toString(), "qcow2");
    world.with("allowed-directories", world.images().toString());
    world.openDriver();
    world.define(QemuWorld.spec("dom", one, two));
    assertThat(world.start("dom").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }

  @Test
  void aLogThatIsLedElsewhereStopsTheStartBeforeTheGuestWrites() throws IOException {
    Path elsewhere = world.run().resolve("elsewhere");
    Path link = world.images().resolve("console.log");
    world
        .with("allowed-directories", world.images().toString())
        .with("qemu-binary", exchanging("qemu-system-x86_64", "-blockdev", link, elsewhere));
    world.openDriver();
    world.define(
        QemuWorld.spec("victim", world.qcow2("image.qcow2")).toBuilder()
            .addSerialConsoles(SerialConsole.newBuilder().setLogPath(link.toString()))
            .build());
    assertThatThrownBy(() -> world.start("victim"))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED);
              assertThat(e.metadata()).containsEntry("path", link.toString());
            })
        .hasMessageContaining(elsewhere.toString());
    assertNothingLeft("victim");
    assertThat(elsewhere).isEmptyFile();
  }

  @Test
  void aLogInAnAllowedDirectoryIsWritten() {
    Path log = world.images().resolve("console.log");
    world.with("allowed-directories", world.images().toString());
    world.openDriver();
    world.define(
        QemuWorld.spec("dom", world.qcow2("image.qcow2")).toBuilder()
            .addSerialConsoles(SerialConsole.newBuilder().setLogPath(log.toString()))
            .build());
    assertThat(world.start("dom").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(log).exists();
  }

  @Test
  void anOverlayThatIsAnotherFileForQemuIsClosedAgain() throws IOException {
    Path base = world.qcow2("base.qcow2");
    world.openDriver();
    world.define(QemuWorld.spec("dom", base));
    Domain started = world.startPaused("dom");
    Path overlay = world.overlay("made.qcow2", base.toString(), "qcow2");
    Path link = world.images().resolve("overlay.qcow2");
    try (TwoFaced file = new TwoFaced(link, overlay, cwd(started))) {
      diverged(
          () ->
              world
                  .driver()
                  .snapshots()
                  .orElseThrow()
                  .create(
                      world.call(),
                      CreateSnapshotRequest.newBuilder()
                          .setDomain(QemuWorld.ref("dom"))
                          .setName("s")
                          .setReuseExternal(true)
                          .addDisks(
                              SnapshotDisk.newBuilder().setTarget("vda").setOverlay(image(link)))
                          .build()),
          link,
          file.ofQemu());
      assertThat(open(started)).contains(base.toString()).doesNotContain(file.ofQemu().toString());
    }
    assertThat(world.driver().snapshots().orElseThrow().list(QemuWorld.ref("dom"))).isEmpty();
    assertThat(world.get("dom").getStatus().getLiveSpec().getDisks(0).getSource().getPath())
        .isEqualTo(base.toString());
  }

  @Test
  void aDestinationThatIsAnotherFileForQemuIsNotWritten() throws IOException {
    Path base = world.qcow2("base.qcow2");
    world.openDriver();
    world.define(QemuWorld.spec("dom", base));
    Domain started = world.startPaused("dom");
    Path destination = world.qcow2("made.qcow2");
    Path link = world.images().resolve("copy.qcow2");
    try (TwoFaced file = new TwoFaced(link, destination, cwd(started))) {
      byte[] before = Files.readAllBytes(file.ofQemu());
      diverged(
          () ->
              world
                  .driver()
                  .blockJobs()
                  .orElseThrow()
                  .copy(
                      world.call(),
                      BlockCopyRequest.newBuilder()
                          .setDomain(QemuWorld.ref("dom"))
                          .setDisk("vda")
                          .setDestination(image(link))
                          .setReuseExternal(true)
                          .build()),
          link,
          file.ofQemu());
      assertThat(open(started)).contains(base.toString()).doesNotContain(file.ofQemu().toString());
      assertThat(Files.readAllBytes(file.ofQemu())).isEqualTo(before);
    }
    assertNoJob();
  }

  @Test
  void aCommitIntoABaseThatWasExchangedSinceTheStartDoesNotBegin() throws IOException {
    Path base = world.qcow2("base.qcow2");
    Path foreign = Files.copy(base, world.images().resolve("foreign.qcow2"));
    Path link = Files.createSymbolicLink(world.images().resolve("link.qcow2"), base);
    Path active = world.overlay("active.qcow2", link.toString(), "qcow2");
    world.openDriver();
    world.define(QemuWorld.spec("dom", active));
    Domain started = world.startPaused("dom");
    byte[] before = Files.readAllBytes(foreign);
    Files.delete(link);
    Files.createSymbolicLink(link, foreign);
    diverged(() -> commit("dom"), link, base);
    assertThat(open(started))
        .contains(base.toString(), active.toString())
        .doesNotContain(foreign.toString());
    assertThat(Files.readAllBytes(foreign)).isEqualTo(before);
    assertNoJob();
  }

  @Test
  void aBaseThatIsExchangedUnderAStorageDaemonIsNotWritten() throws IOException {
    Path base = world.qcow2("base.qcow2");
    Path foreign = Files.copy(base, world.images().resolve("foreign.qcow2"));
    Path link = Files.createSymbolicLink(world.images().resolve("link.qcow2"), base);
    Path active = world.overlay("active.qcow2", link.toString(), "qcow2");
    world.with(
        "qemu-storage-daemon-binary",
        exchanging("qemu-storage-daemon", "--chardev", link, foreign));
    world.openDriver();
    world.define(QemuWorld.spec("dom", active));
    byte[] before = Files.readAllBytes(foreign);
    diverged(() -> commit("dom"), link, foreign);
    assertThat(Files.readAllBytes(foreign)).isEqualTo(before);
    assertNoJob();
    assertThat(world.processes()).isEmpty();
  }

  private void commit(String domain) {
    var _ =
        world
            .driver()
            .blockJobs()
            .orElseThrow()
            .commit(
                world.call(),
                BlockCommitRequest.newBuilder()
                    .setDomain(QemuWorld.ref(domain))
                    .setDisk("vda")
                    .setActive(true)
                    .build());
  }

  private void assertNoJob() {
    assertThat(world.driver().jobs().orElseThrow().list()).isEmpty();
  }

  private void assertNothingLeft(String domain) {
    assertThat(world.processes()).isEmpty();
    assertThat(world.runtimeRecords()).isEmpty();
    assertThat(world.get(domain).getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
  }

  private static void diverged(ThrowingCallable call, Path path, Path opened) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.reason())
                  .as(e.getMessage())
                  .isEqualTo(ErrorReason.ERROR_REASON_CHAIN_DIVERGED);
              assertThat(e.metadata()).containsEntry("path", path.toString());
            })
        .hasMessageContaining("'" + opened + "'");
  }

  private static Image image(Path path) {
    return Image.newBuilder()
        .setPath(path.toString())
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }

  /**
   * A program that lets a link lead elsewhere, where it is given an argument, and becomes another.
   */
  private String exchanging(String program, String argument, Path link, Path to)
      throws IOException {
    Path found =
        Stream.of(System.getenv("PATH").split(":", -1))
            .map(directory -> Path.of(directory, program))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow();
    Path script = world.run().resolve(program);
    Files.writeString(
        script,
        """
        #!/bin/sh
        case " $* " in *' %s '*) /bin/ln -sfn '%s' '%s' ;; esac
        exec '%s' "$@"
        """
            .formatted(argument, to, link, found));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return script.toString();
  }

  private static Path cwd(Domain domain) throws IOException {
    return Files.readSymbolicLink(
        Path.of("/proc", Long.toString(domain.getStatus().getProcessId()), "cwd"));
  }

  private static List<String> open(Domain domain) throws IOException {
    Path descriptors = Path.of("/proc", Long.toString(domain.getStatus().getProcessId()), "fd");
    try (Stream<Path> links = Files.list(descriptors)) {
      return links.map(OpenedImagesIT::target).toList();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  /** A link that leads this process to one file, and one that runs elsewhere to a copy of it. */
  private static final class TwoFaced implements AutoCloseable {

    private final Path ours;
    private final Path ofQemu;

    TwoFaced(Path link, Path image, Path elsewhere) throws IOException {
      ours = Files.createTempFile(Path.of("").toAbsolutePath(), "opened-images-", ".qcow2");
      ofQemu = Files.copy(image, elsewhere.resolve(ours.getFileName()));
      Files.delete(ours);
      Files.move(image, ours);
      Files.createSymbolicLink(link, Path.of("/proc/self/cwd").resolve(ours.getFileName()));
    }

    Path ofQemu() {
      return ofQemu;
    }

    @Override
    public void close() throws IOException {
      Files.deleteIfExists(ours);
    }
  }
}
