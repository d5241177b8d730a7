package dev.drover.client.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.client.direct.HeaderBlock.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderBlockTest {
  @Test
  void theExampleOfTheStandardIsRead() throws Exception { // RFC 7541, C.4.1
    assertThat(decode("828684418cf1e3c2e5f23a6ba0ab90f4ff"))
        .containsExactly(
            new Header(":method", "GET"),
            new Header(":scheme", "http"),
            new Header(":path", "/"),
            new Header(":authority", "www.example.com"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1_000_000})
  void whatNettyWritesIsRead(int longestWithoutHuffman) throws Exception {
    byte[] everyCharacter = new byte[256];
    IntStream.range(0, 256).forEach(i -> everyCharacter[i] = (byte) i);
    String all = new String(everyCharacter, StandardCharsets.ISO_8859_1);
    Http2Headers headers = new DefaultHttp2Headers(false).status("200");
    headers.add("content-type", "application/grpc");
    headers.add("grpc-message", AsciiString.of("ö".repeat(2000)));
    headers.add("every", new AsciiString(everyCharacter));
    DefaultHttp2HeadersEncoder encoder =
        new DefaultHttp2HeadersEncoder(
            Http2HeadersEncoder.NEVER_SENSITIVE, false, 16, longestWithoutHuffman);
    encoder.maxHeaderTableSize(0);
    ByteBuf written = Unpooled.buffer();
    encoder.encodeHeaders(1, headers, written);

    assertThat(HeaderBlock.decode(ByteBufUtil.getBytes(written)))
        .containsExactlyInAnyOrder(
            new Header(":status", "200"),
            new Header("content-type", "application/grpc"),
            new Header("grpc-message", AsciiString.of("ö".repeat(2000)).toString()),
            new Header("every", all));
  }

  @Test
  void whatIsWrittenNettyReads() throws Exception {
    String longValue = "v".repeat(5000);
    byte[] written =
        HeaderBlock.encode(
            List.of(new Header(":method", "POST"), new Header("drover-uri", longValue)));

    Http2Headers read =
        new DefaultHttp2HeadersDecoder().decodeHeaders(1, Unpooled.wrappedBuffer(written));

    assertThat(read.method()).hasToString("POST");
    assertThat(read.get("drover-uri")).hasToString(longValue);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80", // There is no header 0.
        "be", // The first place of a table that was not offered.
        "ff808001", // No header has such a number.
        "3fe11f", // A table of 4096 bytes.
        "00", // Neither name nor value.
        "000561", // A name of one byte in place of five.
        "000161ffffffffffff", // A length without end.
        "7f", // A number that does not go on.
        "00016184ffffffff", // In Huffman's code: that it ends.
        "0001618100", // A '0' and then zeros.
        "00016182ffff", // More ones than fill up the last byte.
      })
  void whatIsNotWrittenAsTheStandardSaysIsRefused(String block) {
    assertThatThrownBy(() -> decode(block)).isInstanceOf(ProtocolFailure.class);
  }

  private static List<Header> decode(String hexadecimal) throws ProtocolFailure {
    return HeaderBlock.decode(HexFormat.of().parseHex(hexadecimal));
  }
}
