package dev.drover.client.direct;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Headers as HTTP/2 writes them (RFC 7541), without a table that either end has to remember: none
 * is offered to the other end, and none used towards it.
 */
final class HeaderBlock {
  /** Appendix A, a name and a value, parted by a blank; the first has the index 1. */
  private static final List<String> TABLE =
      List.of(
          ":authority",
          ":method GET",
          ":method POST",
          ":path /",
          ":path /index.html",
          ":scheme http",
          ":scheme https",
          ":status 200",
          ":status 204",
          ":status 206",
          ":status 304",
          ":status 400",
          ":status 404",
          ":status 500",
          "accept-charset",
          "accept-encoding gzip, deflate",
          "accept-language",
          "accept-ranges",
          "accept",
          "access-control-allow-origin",
          "age",
          "allow",
          "authorization",
          "cache-control",
          "content-disposition",
          "content-encoding",
          "content-language",
          "content-length",
          "content-location",
          "content-range",
          "content-type",
          "cookie",
          "date",
          "etag",
          "expect",
          "expires",
          "from",
          "host",
          "if-match",
          "if-modified-since",
          "if-none-match",
          "if-range",
          "if-unmodified-since",
          "last-modified",
          "link",
          "location",
          "max-forwards",
          "proxy-authenticate",
          "proxy-authorization",
          "range",
          "referer",
          "refresh",
          "retry-after",
          "server",
          "set-cookie",
          "strict-transport-security",
          "transfer-encoding",
          "user-agent",
          "vary",
          "via",
          "www-authenticate");

  private static final int INDEXED = 0x80;
  private static final int REMEMBERED = 0x40;
  private static final int TABLE_SIZE = 0x20;
  private static final int HUFFMAN = 0x80;

  /** Nothing that is measured here is as long as that. */
  private static final int LONGEST = 1 << 24;

  /**
   * One header.
   *
   * @param name its name in small letters
   * @param value its value, each character a byte
   */
  record Header(String name, String value) {}

  private final ByteBuffer block;
  private final List<Header> headers = new ArrayList<>();

  private HeaderBlock(ByteBuffer block) {
    this.block = block;
  }

  /** Writes headers, each spelt out. */
  static byte[] encode(List<Header> headers) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (Header header : headers) {
      block.write(0);
      text(block, header.name());
      text(block, header.value());
    }
    return block.toByteArray();
  }

  private static void text(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int most = HUFFMAN - 1;
    if (bytes.length < most) {
      block.write(bytes.length);
    } else {
      block.write(most);
      int rest = bytes.length - most;
      while (rest >= 0x80) {
        block.write((rest & 0x7f) | 0x80);
        rest >>= 7;
      }
      block.write(rest);
    }
    block.writeBytes(bytes);
  }

  /**
   * Reads headers.
   *
   * @throws ProtocolFailure where they are not written as RFC 7541 says, or need a table
   */
  static List<Header> decode(byte[] block) throws ProtocolFailure {
    HeaderBlock read = new HeaderBlock(ByteBuffer.wrap(block));
    while (read.block.hasRemaining()) {
      read.next();
    }
    return List.copyOf(read.headers);
  }

  private void next() throws ProtocolFailure {
    int form = Byte.toUnsignedInt(block.get(block.position()));
    if ((form & INDEXED) != 0) {
      headers.add(entry(number(INDEXED)));
    } else if ((form & REMEMBERED) != 0) {
      // Into a table of no size: what is to be remembered is forgotten at once.
      literal(number(REMEMBERED));
    } else if ((form & TABLE_SIZE) == 0) {
      literal(number(TABLE_SIZE >> 1));
    } else if (number(TABLE_SIZE) != 0) {
      throw new ProtocolFailure("a header table is used that was not offered");
    }
  }

  private void literal(int index) throws ProtocolFailure {
    String name = index == 0 ? text() : entry(index).name();
    headers.add(new Header(name, text()));
  }

  private Header entry(int index) throws ProtocolFailure {
    if (index < 1 || index > TABLE.size()) {
      throw new ProtocolFailure("there is no header " + index);
    }
    String line = TABLE.get(index - 1);
    int blank = line.indexOf(' ');
    return blank < 0
        ? new Header(line, "")
        : new Header(line.substring(0, blank), line.substring(blank + 1));
  }

  private String text() throws ProtocolFailure {
    boolean huffman = block.hasRemaining() && (block.get(block.position()) & HUFFMAN) != 0;
    int length = number(HUFFMAN);
    if (length > block.remaining()) {
      throw new ProtocolFailure("a header ends too early");
    }
    byte[] bytes = new byte[length];
    block.get(bytes);
    return new String(
        huffman ? new HuffmanCode().decode(bytes) : bytes, StandardCharsets.ISO_8859_1);
  }

  /** A number that begins in the bits below the flag. */
  private int number(int flag) throws ProtocolFailure {
    int most = flag - 1;
    int number = octet() & most;
    if (number < most) {
      return number;
    }
    int shift = 0;
    while (true) {
      int octet = octet();
      number += (octet & 0x7f) << shift;
      if (number > LONGEST) {
        throw new ProtocolFailure("a header is too long");
      }
      if ((octet & 0x80) == 0) {
        return number;
      }
      shift += 7;
      if (shift > 21) {
        throw new ProtocolFailure("a header is too long");
      }
    }
  }

  private int octet() throws ProtocolFailure {
    if (!block.hasRemaining()) {
      throw new ProtocolFailure("a header ends too early");
    }
    return Byte.toUnsignedInt(block.get());
  }
}
