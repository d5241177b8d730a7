package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.Drover;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.Domain;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person at a terminal edits a domain: {@code EDITOR} is a program that does what they would. */
class EditCommandTest {
  @TempDir private Path directory;
  private MemoryDaemon daemon;
  private CommandLineRun drover;

  @BeforeEach
  void start() {
    daemon = new MemoryDaemon(directory, "manual");
    drover = daemon.commandLine().terminal();
    drover.environment.put("NO_COLOR", "1");
  }

  @AfterEach
  void close() {
    daemon.close();
  }

  private void editor(String command) {
    drover.environment.put("EDITOR", command);
  }

  private Domain domain() {
    try (Drover connection = daemon.connect()) {
      return connection.domain("test").get();
    }
  }

  @Test
  void whatChangedIsShownAndAppliedAfterAYes() {
    editor("sed -i 's/^vcpus:.*/vcpus: 3/'");

    CommandLineRun.Result result = drover.input("perhaps\ny\n").run("edit", "test");

    assertThat(result.out()).isEqualTo("Domain 'test' configuration edited.\n\n");
    assertThat(result.err())
        .contains("\n-vcpus: 1\n+vcpus: 3\n")
        .endsWith("Apply these changes? [y]es, [n]o, [a]gain: ".repeat(2));
    assertThat(domain().getSpec().getVcpus()).isEqualTo(3);
  }

  @Test
  void aNoAndTheEndOfTheInputChangeNothing() {
    editor("sed -i 's/^vcpus:.*/vcpus: 3/'");

    assertThat(drover.input("n\n").run("edit", "test").out())
        .isEqualTo("Domain 'test' configuration not changed.\n\n");
    assertThat(drover.input("").run("edit", "test").code()).isZero();

    assertThat(domain().getSpec().getVcpus()).isEqualTo(1);
  }

  @Test
  void againOpensTheEditorOnWhatWasWritten() {
    editor("sed -i 's/^vcpus: 2/vcpus: 5/; s/^vcpus: 1/vcpus: 2/'");

    assertThat(drover.input("a\ny\n").run("edit", "test").code()).isZero();

    assertThat(domain().getSpec().getVcpus()).isEqualTo(5);
  }

  @Test
  void aMistakeCanBeMended() {
    editor("sed -i 's/^cpus:.*/vcpus: 4/; s/^vcpus: 1/cpus: 4/'");

    CommandLineRun.Result result = drover.input("y\ny\ny\n").run("edit", "test");

    assertThat(result.err())
        .contains("error: File 'edited text': cpus: unknown field; did you mean 'vcpus'?");
    assertThat(domain().getSpec().getVcpus()).isEqualTo(4);
  }

  @Test
  void aTextThatWasNotAppliedIsKept() throws IOException {
    editor("sed -i 's/^vcpus/cpus/'");

    CommandLineRun.Result result = drover.input("y\nn\n").run("edit", "test");

    assertThat(result.code()).isOne();
    Matcher kept = Pattern.compile("Your text is kept in (\\S+)").matcher(result.err());
    assertThat(kept.find()).isTrue();
    Path file = Path.of(kept.group(1));
    assertThat(Files.readString(file)).contains("\ncpus: 1\n");
    Files.delete(file);
  }

  /** R24: the etag of what was read decides. */
  @Test
  void whatSomebodyElseHasChangedMeanwhileIsNotOverwritten()
      throws IOException, InterruptedException {
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path script = directory.resolve("editor");
    Files.writeString(script, "sed -i 's/^vcpus:.*/vcpus: 3/' \"$1\"; cat '%s'".formatted(pipe));
    editor("sh '%s'".formatted(script));

    var editing = drover.input("y\nn\n").begin("edit", "test");
    // Opened once the editor is open; the editor ends when it is closed.
    try (Drover other = daemon.connect();
        OutputStream _ = Files.newOutputStream(pipe)) {
      var spec = other.domain("test").get().getSpec().toBuilder().setTitle("Theirs").build();
      var _ = other.domains().define(DefineDomainRequest.newBuilder().setSpec(spec).build());
    }
    CommandLineRun.Result result = editing.orTimeout(60, TimeUnit.SECONDS).join();

    assertThat(result.code()).isOne();
    assertThat(result.err())
        .contains("error: Failed to edit domain 'test'")
        .contains("was changed since it was read");
    Matcher kept = Pattern.compile("Your text is kept in (\\S+)").matcher(result.err());
    assertThat(kept.find()).isTrue();
    Files.delete(Path.of(kept.group(1)));
    assertThat(domain().getSpec().getVcpus()).isEqualTo(1);
    assertThat(domain().getSpec().getTitle()).isEqualTo("Theirs");
  }

  @Test
  void aTransientDomainHasNothingToEdit() {
    drover.input("name: quick\nmemory_bytes: 64MiB\n").run("create", "-");

    assertThat(drover.run("edit", "quick").err())
        .contains("domain 'quick' is transient and has no stored definition");
  }

  @Test
  void theNameStays() {
    editor("sed -i 's/^name:.*/name: other/'");

    assertThat(drover.input("y\nn\n").run("edit", "test").err())
        .contains("error: Name and uuid cannot be changed");
  }

  @Test
  void descriptionsAreEditedTheSameWay() {
    editor("sed -i 's/.*/Words of mine/'");

    assertThat(drover.run("desc", "test", "--edit", "--yes").out())
        .isEqualTo("Domain description updated successfully\n\n");
    editor("true");
    assertThat(drover.run("desc", "test", "--edit").out())
        .isEqualTo("Domain description not changed\n\n");
    assertThat(domain().getSpec().getDescription()).isEqualTo("Words of mine");
  }
}
