package dev.drover.client.direct;

import java.io.ByteArrayOutputStream;

/**
 * Reads the Huffman code of HTTP/2's headers (RFC 7541, appendix B). Codes of one length are
 * numbers in a row, in the order of their symbols, so that the lengths of the codes say it all.
 */
final class HuffmanCode {
  private static final int SHORTEST = 5;
  private static final int LONGEST = 30;
  private static final int LONGEST_PADDING = 7;
  private static final int END = 256;

  /** The length of each symbol's code, the end's last: 'a' is the shortest. */
  private static final String LENGTHS =
      "isxxxxxxxtzxxzxxxxxxxxzxxxxxxxxxbffhibdgffdgdbbbaaabbbbbbbcdkbhf"
          + "ibccccccccccccccccccccccdcdioijbkabababbbaccbbbabcbaabccccckgjix"
          + "prpprrrsrssssststtrstssssqrsrsstrqprrssqsrrtqrssqqrqsrssprrrsrrs"
          + "vvporsruvvvwwvtuoqvwwvwtqqvvxwwwptpqrqqsrruuttvsvwvvwwwwwxwwwwwv"
          + "z";

  /** How many codes have a length. */
  private final int[] counts = new int[LONGEST + 1];

  /** The symbols by their codes. */
  private final int[] symbols = new int[END + 1];

  HuffmanCode() {
    int next = 0;
    for (int length = SHORTEST; length <= LONGEST; length++) {
      for (int symbol = 0; symbol <= END; symbol++) {
        if (LENGTHS.charAt(symbol) - 'a' + SHORTEST == length) {
          counts[length]++;
          symbols[next++] = symbol;
        }
      }
    }
  }

  /**
   * The bytes that a code stands for.
   *
   * @throws ProtocolFailure where it ends within a symbol, or says that it ends
   */
  byte[] decode(byte[] code) throws ProtocolFailure {
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(code.length * 2);
    int read = 0;
    int length = 0;
    int first = 0;
    int before = 0;
    boolean onlyOnes = true;
    for (int bit = 0; bit < code.length * Byte.SIZE; bit++) {
      int one = (code[bit / Byte.SIZE] >> (Byte.SIZE - 1 - bit % Byte.SIZE)) & 1;
      read = (read << 1) | one;
      onlyOnes &= one == 1;
      length++;
      if (length > LONGEST) {
        throw new ProtocolFailure("a header has no Huffman code");
      }
      first <<= 1;
      if (read - first < counts[length]) {
        int symbol = symbols[before + read - first];
        if (symbol == END) {
          throw new ProtocolFailure("a header's Huffman code says that it ends");
        }
        decoded.write(symbol);
        read = 0;
        length = 0;
        first = 0;
        before = 0;
        onlyOnes = true;
      } else {
        first += counts[length];
        before += counts[length];
      }
    }
    if (length > LONGEST_PADDING || !onlyOnes) {
      throw new ProtocolFailure("a header's Huffman code ends within a symbol");
    }
    return decoded.toByteArray();
  }
}
