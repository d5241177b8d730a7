package dev.drover.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class QemuVersionTest {

  private static JsonNode version(BigInteger major) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return nodes
        .objectNode()
        .put("package", "")
        .set("qemu", nodes.objectNode().put("major", major).put("minor", 2).put("micro", 22));
  }

  @Test
  void whatQemuSaysIsShown() {
    assertThat(QemuVersion.decode(version(BigInteger.valueOf(7)))).hasToString("7.2.22");
  }

  @Test
  void aNumberThatNoVersionHasIsToldAsNonsense() {
    BigInteger huge = BigInteger.TEN.pow(77);

    assertThatThrownBy(() -> QemuVersion.decode(version(huge)))
        .isInstanceOf(QmpProtocolException.class)
        .hasMessageContaining("'major'");
    assertThatThrownBy(() -> QemuVersion.decode(version(BigInteger.TWO.pow(40))))
        .isInstanceOf(QmpProtocolException.class);
  }
}
