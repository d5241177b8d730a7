package dev.drover.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineFramerTest {
  private final List<String> lines = new ArrayList<>();

  private void feed(LineFramer framer, String text) {
    framer.feed(
        ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)),
        (bytes, offset, length) ->
            lines.add(new String(bytes, offset, length, StandardCharsets.UTF_8)));
  }

  @Test
  void linesAreFoundWhereverTheBytesWereCut() {
    LineFramer framer = new LineFramer(100);
    feed(framer, "one\r\ntw");
    feed(framer, "o\n\r\n\nthr");
    feed(framer, "ee\r");
    assertThat(lines).containsExactly("one", "two");
    feed(framer, "\nfour\n");
    assertThat(lines).containsExactly("one", "two", "three", "four");
  }

  @Test
  void aLineOfExactlyTheLimitPassesAndOneByteMoreDoesNot() {
    LineFramer framer = new LineFramer(10);
    feed(framer, "0123456789\n");
    assertThat(lines).containsExactly("0123456789");
    assertThatThrownBy(() -> feed(framer, "0123456789a"))
        .isInstanceOf(QmpProtocolException.class)
        .hasMessageContaining("10 bytes");
  }
}
