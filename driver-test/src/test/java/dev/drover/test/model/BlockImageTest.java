package dev.drover.test.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.ImageFormat;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Room that an image takes. */
class BlockImageTest {

  private static final long SIZE = Clusters.bytes(8);

  private final ImageHost host = new ImageHost(Clusters.bytes(5));
  private final BlockImage image =
      host.create("/i/one", ImageFormat.IMAGE_FORMAT_QCOW2, SIZE, ImageHeader.NONE);

  @Test
  void aClusterTakesRoomOnce() {
    assertThat(image.write(0, 1)).isTrue();
    assertThat(image.write(0, 2)).isTrue();
    assertThat(image.write(1, 1)).isTrue();
    clustersInUse(2);
  }

  @Test
  void aClusterThatAMomentKeepsHasItsRoomAlready() {
    assertThat(image.write(0, 1)).isTrue();
    image.keep("first", OptionalLong.empty());
    assertThat(image.write(1, 1)).isTrue();
    image.keep("second", OptionalLong.empty());
    image.goBack("first");
    clustersInUse(2);
    assertThat(image.write(1, 3)).isTrue();
    clustersInUse(2);
    image.letGo("second");
    clustersInUse(2);
    image.goBack("first");
    clustersInUse(1);
    image.letGo("first");
    clustersInUse(1);
  }

  @Test
  void whatFindsNoRoomChangesNothing() {
    for (int cluster = 0; cluster < 5; cluster++) {
      assertThat(image.write(cluster, 1)).isTrue();
    }
    assertThat(image.write(5, 1)).isFalse();
    assertThat(image.content(5)).isEmpty();
    assertThat(image.write(4, 2)).isTrue();
    clustersInUse(5);
    host.delete(image);
    assertThat(host.space().usedBytes()).isZero();
  }

  @Test
  void aCopyTakesTheSameRoom() {
    assertThat(image.write(0, 1)).isTrue();
    image.keep("first", OptionalLong.empty());
    host.replaceByCopy(image);
    BlockImage copy = host.find("/i/one").orElseThrow();
    assertThat(copy.write(0, 2)).isTrue();
    assertThat(copy.write(1, 2)).isTrue();
    assertThat(copy.allocatedBytes()).isEqualTo(Clusters.bytes(3));
    assertThat(host.space().usedBytes()).isEqualTo(Clusters.bytes(2));
  }

  /** The header takes a cluster of the file, but none of the room for data. */
  private void clustersInUse(long clusters) {
    assertThat(host.space().usedBytes()).isEqualTo(Clusters.bytes(clusters));
    assertThat(image.allocatedBytes()).isEqualTo(Clusters.bytes(clusters + 1));
  }
}
