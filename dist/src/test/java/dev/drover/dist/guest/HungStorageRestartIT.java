package dev.drover.dist.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.drover.client.Drover;
import dev.drover.client.DroverException;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** R4, R27: a daemon that was asked about an image whose file system never answers. */
@Tag("qemu")
class HungStorageRestartIT {

  private static final Duration SHORT = Duration.ofSeconds(5);

  private Path directory;
  private RealDaemon daemon;
  private Optional<HungImage> hung = Optional.empty();

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue(HungImage.possible(), "an image can be mounted here (/dev/fuse)");
    directory = Files.createTempDirectory("drover-");
    hung = Optional.of(new HungImage(qcow2("store.qcow2")));
    daemon = new RealDaemon(directory);
    try (Drover drover = daemon.connect()) {
      drover.domains().define(spec("stuck", image().path()));
      drover.domains().define(spec("well", qcow2("well.qcow2")));
    }
  }

  @AfterEach
  void end() throws IOException {
    hung.ifPresent(HungImage::close);
    if (hung.isPresent()) {
      daemon.close();
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private HungImage image() {
    return hung.orElseThrow();
  }

  @Test
  @DisplayName("It refuses in time, is ended by SIGKILL, and the next one takes its place")
  void nextDaemon() {
    image().hang();
    try (Drover drover = daemon.connect(SHORT)) {
      assertThatExceptionOfType(DroverException.class)
          .isThrownBy(() -> drover.domain("stuck").disk("vda").chain());
      assertThat(drover.domain("well").disk("vda").chain().getImagesCount()).isEqualTo(1);
    }

    daemon.kill();
    daemon.startAgain();

    try (Drover drover = daemon.connect()) {
      assertThat(drover.domains().list()).hasSize(2);
      image().answer();
      assertThat(drover.domain("stuck").disk("vda").chain().getImagesCount()).isEqualTo(1);
    }
  }

  private Path qcow2(String name) throws Exception {
    Path image = directory.resolve(name);
    Process made =
        new ProcessBuilder("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "8M")
            .inheritIO()
            .start();
    assertThat(made.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(made.exitValue()).isZero();
    return image;
  }

  private static DomainSpec spec(String name, Path image) {
    return DomainSpec.newBuilder()
        .setName(name)
        .setMemoryBytes(16L << 20)
        .addDisks(
            Disk.newBuilder()
                .setTarget("vda")
                .setSource(
                    Image.newBuilder()
                        .setPath(image.toString())
                        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)))
        .build();
  }
}
