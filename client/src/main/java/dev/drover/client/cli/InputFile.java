package dev.drover.client.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads files that a person names on the command line; - is standard input. */
final class InputFile {
  static final String STANDARD_INPUT = "-";

  private static final String BYTE_ORDER_MARK = "\ufeff";

  private InputFile() {}

  /**
   * The file's bytes.
   *
   * @throws CommandFailure where it cannot be read
   */
  static byte[] bytes(String file, InputStream standardInput) {
    try {
      return file.equals(STANDARD_INPUT)
          ? standardInput.readAllBytes()
          : Files.readAllBytes(Path.of(file));
    } catch (NoSuchFileException e) {
      throw new CommandFailure("File '%s' does not exist".formatted(file));
    } catch (IOException e) {
      throw new CommandFailure("%s cannot be read: %s".formatted(named(file), e.getMessage()));
    }
  }

  private static String named(String file) {
    return file.equals(STANDARD_INPUT) ? "Standard input" : "File '%s'".formatted(file);
  }

  /**
   * The file's text, without the mark of byte order that editors of other systems begin it with.
   *
   * @throws CommandFailure where it cannot be read, or is not UTF-8
   */
  static String text(String file, InputStream standardInput) {
    byte[] bytes = bytes(file, standardInput);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return unmarked(text);
    } catch (CharacterCodingException e) {
      throw new CommandFailure(named(file) + " is not UTF-8 text");
    }
  }

  /** Text without the mark of byte order that editors of other systems begin it with. */
  static String unmarked(String text) {
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }
}
