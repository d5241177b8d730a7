package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.Drover;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.ImportSnapshotRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  /** An editor that changes the text and ends when the pipe was opened and closed. */
  private Path waitingEditor(String change) throws IOException, InterruptedException {
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path script = directory.resolve("editor");
    Files.writeString(script, "sed -i '%s' \"$1\"; cat '%s'".formatted(change, pipe));
    editor("sh '%s'".formatted(script));
    return pipe;
  }

  /** The text that was kept, of which nothing is left behind. */
  private static String kept(CommandLineRun.Result result) throws IOException {
    Matcher kept = Pattern.compile("Your text is kept in (\\S+)").matcher(result.err());
    assertThat(kept.find()).isTrue();
    Path file = Path.of(kept.group(1));
    String text = Files.readString(file);
    Files.delete(file);
    return text;
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
    assertThat(kept(result)).contains("\ncpus: 1\n");
  }

  /** R24: the etag of what was read decides. */
  @Test
  void whatSomebodyElseHasChangedMeanwhileIsNotOverwritten()
      throws IOException, InterruptedException {
    Path pipe = waitingEditor("s/^vcpus:.*/vcpus: 3/");

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
    assertThat(kept(result)).contains("vcpus: 3");
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
  void theNameStays() throws IOException {
    editor("sed -i 's/^name:.*/name: other/'");

    CommandLineRun.Result result = drover.input("y\nn\n").run("edit", "test");

    assertThat(result.err()).contains("error: Name and uuid cannot be changed");
    assertThat(kept(result)).contains("name: other");
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

  @Test
  void aSnapshotIsEditedTheSameWay() {
    drover.run("snapshot-create-as", "test", "one", "first", "--disk-only");
    editor("sed -i 's/first/second/'");

    CommandLineRun.Result result = drover.input("y\n").run("snapshot-edit", "test", "one");

    assertThat(result.out()).isEqualTo("Snapshot one edited.\n\n");
    assertThat(result.err()).contains("-  <description>first", "+  <description>second");
    try (Drover connection = daemon.connect()) {
      assertThat(connection.domain("test").snapshot("one").getDescription()).isEqualTo("second");
    }
  }

  @Test
  void aSnapshotIsRenamedAndClonedWithItsPlaceInTheTree() {
    for (String name : List.of("one", "two")) {
      assertThat(drover.run("snapshot-create-as", "test", name, "--disk-only").code()).isZero();
    }
    editor("sed -i 's|<name>one|<name>uno|'");
    assertThat(drover.run("snapshot-edit", "test", "one", "--rename", "--yes").out())
        .isEqualTo("Snapshot one renamed to uno.\n\n");
    assertThat(drover.run("snapshot-list", "test", "--tree").out())
        .startsWith("uno\n  |\n  +- two\n");

    editor("sed -i 's|<name>two|<name>due|'");
    assertThat(drover.run("snapshot-edit", "test", "--current", "--clone", "--yes").out())
        .isEqualTo("Snapshot two cloned to due.\n\n");
    assertThat(drover.run("snapshot-edit", "test", "two", "--clone", "--yes").err())
        .contains("domain 'test' has a snapshot 'due' already; choose another name");
    assertThat(drover.run("snapshot-current", "test", "--name").out()).isEqualTo("two\n\n");
    editor("true");
    assertThat(drover.run("snapshot-edit", "test", "due", "--current").out())
        .isEqualTo("Snapshot due edited.\n\n");
    assertThat(drover.run("snapshot-current", "test", "--name").out()).isEqualTo("due\n\n");
    assertThat(drover.run("snapshot-parent", "test", "due").out()).isEqualTo("uno\n\n");
  }

  @Test
  void whatCannotHaveAnotherNameIsRefusedBeforeTheEditorStarts() {
    editor("false");
    assertThat(drover.run("snapshot-create-as", "test", "inside").code()).isZero();
    for (String option : List.of("--rename", "--clone")) {
      assertThat(drover.run("snapshot-edit", "test", "inside", option).err())
          .contains("snapshot 'inside' is internal, and its images keep the moment under that name")
          .doesNotContain("Editor");
    }
    assertThat(drover.run("snapshot-delete", "test", "inside").code()).isZero();
    assertThat(
            drover.run("snapshot-create-as", "test", "whole", "--memspec", "/images/memory").code())
        .isZero();
    assertThat(drover.run("snapshot-edit", "test", "whole", "--clone").err())
        .contains("snapshot 'whole' holds memory, which one record only can hold; use --rename")
        .doesNotContain("Editor");
    editor("sed -i 's|<name>whole|<name>all|'");
    assertThat(drover.run("snapshot-edit", "test", "whole", "--rename", "--yes").code()).isZero();
    try (Drover connection = daemon.connect()) {
      assertThat(connection.domain("test").snapshot("all").getMemory().getPath())
          .isEqualTo("/images/memory");
    }
  }

  @Test
  void aSnapshotThatHasChangedMeanwhileIsNotOverwritten() throws IOException, InterruptedException {
    drover.run("snapshot-create-as", "test", "one", "first", "--disk-only");
    Path pipe = waitingEditor("s/first/mine/");

    var editing = drover.input("y\nn\n").begin("snapshot-edit", "test", "one");
    try (Drover other = daemon.connect();
        OutputStream _ = Files.newOutputStream(pipe)) {
      var theirs = other.domain("test").snapshot("one").toBuilder().setDescription("theirs");
      var _ =
          other
              .domain("test")
              .importSnapshot(
                  ImportSnapshotRequest.newBuilder().setSnapshot(theirs.clearDomainSpec()));
    }
    CommandLineRun.Result result = editing.orTimeout(60, TimeUnit.SECONDS).join();

    assertThat(result.code()).isOne();
    assertThat(result.err())
        .contains("snapshot 'one' of domain 'test' was changed since it was read");
    assertThat(kept(result)).contains("mine");
  }
}
