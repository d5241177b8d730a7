package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFileTest {
  private static InputStream input(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  @Test
  void aDashIsStandardInput(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("f"), "\u00e4");

    assertThat(InputFile.text(file.toString(), input(new byte[0]))).isEqualTo("\u00e4");
    assertThat(InputFile.text("-", input("\u00f6".getBytes(StandardCharsets.UTF_8))))
        .isEqualTo("\u00f6");
  }

  @Test
  void aMarkOfByteOrderIsNoText() {
    assertThat(InputFile.text("-", input("\ufefflist".getBytes(StandardCharsets.UTF_8))))
        .isEqualTo("list");
  }

  @Test
  void whatCannotBeReadIsNamed(@TempDir Path directory) {
    assertThatThrownBy(
            () -> InputFile.bytes(directory.resolve("none").toString(), input(new byte[0])))
        .isInstanceOf(CommandFailure.class)
        .hasMessage("File '%s' does not exist", directory.resolve("none"));
    assertThatThrownBy(() -> InputFile.bytes(directory.toString(), input(new byte[0])))
        .isInstanceOf(CommandFailure.class)
        .hasMessageStartingWith("File '%s' cannot be read: ", directory);
    assertThatThrownBy(() -> InputFile.text("-", input(new byte[] {'a', (byte) 0xe4})))
        .isInstanceOf(CommandFailure.class)
        .hasMessage("Standard input is not UTF-8 text");
  }
}
