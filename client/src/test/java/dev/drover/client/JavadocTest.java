package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library's documentation is well formed, and its snippets are those that the tests run. */
class JavadocTest {
  @Test
  void theLibrarysDocumentationIsWithoutFault(@TempDir Path directory) {
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);

    int code =
        ToolProvider.findFirst("javadoc")
            .orElseThrow()
            .run(
                out,
                out,
                "-quiet",
                "-Werror",
                "-Xdoclint:all,-missing",
                "-protected",
                "-d",
                directory.toString(),
                "-classpath",
                System.getProperty("java.class.path"),
                "-sourcepath",
                "src/main/java",
                "--snippet-path",
                "src/test/java",
                "dev.drover.client");

    assertThat(code).as(said.toString()).isZero();
    assertThat(directory.resolve("dev/drover/client/package-summary.html"))
        .content()
        .contains("thenPivot");
  }
}
