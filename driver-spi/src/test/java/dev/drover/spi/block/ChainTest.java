package dev.drover.spi.block;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChainTest {

  @ParameterizedTest
  @CsvSource({
    "vda, /i/active",
    "vda[0], /i/active",
    "vda[3], /b/base",
    "/i/snap1, /i/snap1",
    "snap1, /i/snap1",
    "../b/base, /b/base",
  })
  void imageIsNamedByDiskIndexPathOrReference(String name, String path) {
    assertThat(Chains.relative().find(name).getPath()).isEqualTo(path);
  }

  @ParameterizedTest
  @CsvSource({"vda[4]", "vdb", "base", "/i/base", "vda[-1]"})
  void imageOutsideTheChainIsRefusedWithTheChain(String name) {
    // B4
    DriverException failure =
        refused(ErrorReason.ERROR_REASON_IMAGE_NOT_IN_CHAIN, () -> Chains.relative().find(name));
    assertThat(failure.metadata())
        .containsEntry("chain", "/b/base <- /i/snap1 <- /i/snap2 <- /i/active");
  }

  @Test
  void relativeReferencesStayRelative() {
    // R8
    Chain chain = Chains.relative();
    assertThat(chain.reference(chain.find("vda"), chain.find("/b/base"), false))
        .isEqualTo("../b/base");
    assertThat(chain.reference(chain.find("vda"), chain.find("/i/snap1"), true)).isEqualTo("snap1");
  }

  @Test
  void absoluteReferenceOnTheWayMakesItAbsoluteOrImpossible() {
    Chain chain = Chains.absolute();
    assertThat(chain.reference(chain.active(), chain.bottom(), false)).isEqualTo("/i/base");
    refused(
        ErrorReason.ERROR_REASON_RELATIVE_BACKING_IMPOSSIBLE,
        () -> chain.reference(chain.active(), chain.bottom(), true));
  }

  @Test
  void placesAreNumberedFromTheActiveImage() {
    Chain chain = Chains.absolute();
    assertThat(chain.images()).extracting(image -> image.getIndex()).containsExactly(0, 1, 2, 3);
    assertThat(chain.above(chain.active())).isEmpty();
    assertThat(chain.below(chain.bottom())).isEmpty();
    assertThat(chain.from(chain.find("/i/snap1")).active().getIndex()).isZero();
    assertThatThrownBy(() -> new Chain("guest", "vda", List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
