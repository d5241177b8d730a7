package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import dev.drover.client.FakeSnapshots;
import dev.drover.v1.DomainState;
import dev.drover.v1.Snapshot;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tree is the one of virsh's own tests; names sort otherwise than the tree grew. */
class SnapshotListCommandTest {
  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);

  @BeforeEach
  void tree() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 1);
    daemon.snapshots.snapshots =
        Stream.of("s1 -", "s3 s1", "s2 s3", "s6 s3", "s5 s6", "s4 s6", "s7 s1", "s8 s7")
            .map(words -> words.split(" "))
            .map(words -> FakeSnapshots.snapshot(words[0], words[1].replace("-", "")))
            .map(made -> made.toBuilder().setCurrent(made.getName().equals("s3")).build())
            .toList();
  }

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  private void forget(String name) {
    daemon.snapshots.snapshots =
        daemon.snapshots.snapshots.stream()
            .filter(snapshot -> !snapshot.getName().equals(name))
            .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "--name, s1 s2 s3 s4 s5 s6 s7 s8",
    "--name --topological, s1 s3 s2 s6 s5 s4 s7 s8",
    "--name --roots, s1",
    "--name --leaves, s2 s4 s5 s8",
    "--name --no-leaves, s1 s3 s6 s7",
    "--name --from s3, s2 s6",
    "--name --from s3 --descendants, s2 s4 s5 s6",
    "--name --from s3 --descendants --topological, s2 s6 s5 s4",
    "--name --from s3 --descendants --leaves, s2 s4 s5",
    "--name --from s3 --no-leaves, s6",
    "--name --from s8, ''",
    "--name --current, s2 s6",
    "--name --current --descendants --no-leaves, s6",
  })
  void theListIsNarrowedAsVirshDoes(String options, String names) {
    assertThat(drover.run(("snapshot-list web -q " + options).split(" ")).out())
        .isEqualTo(names.isEmpty() ? "" : names.replace(' ', '\n') + "\n");
  }

  @Test
  void theTreeIsVirshs() {
    assertThat(drover.run("snapshot-list", "web", "--tree").out().lines())
        .containsExactly(
            "s1",
            "  |",
            "  +- s3",
            "  |   |",
            "  |   +- s2",
            "  |   +- s6",
            "  |       |",
            "  |       +- s4",
            "  |       +- s5",
            "  |         ",
            "  +- s7",
            "      |",
            "      +- s8",
            "        ",
            "");
  }

  @Test
  void aTreeFromASnapshotHasItAsItsRoot() {
    assertThat(drover.run("snapshot-list", "web", "--tree", "--from", "s7", "-q").out().lines())
        .containsExactly("s7", "  |", "  +- s8", "    ");
    assertThat(drover.run("snapshot-list", "web", "--tree", "--from", "s8", "-q").out())
        .isEqualTo("s8\n\n");
    assertThat(
            drover.run("snapshot-list", "web", "--tree", "--current", "--topological", "-q").out())
        .startsWith("s3\n  |\n  +- s2\n  +- s6\n      |\n      +- s5\n      +- s4\n");
  }

  @Test
  void whoseParentIsGoneIsARoot() {
    forget("s1");

    assertThat(drover.run("snapshot-list", "web", "--roots", "--name", "-q").out())
        .isEqualTo("s3\ns7\n");
    assertThat(drover.run("snapshot-list", "web", "--tree", "-q").out().lines())
        .contains("s3", "s7");
  }

  @Test
  void theTableHasVirshsColumns() {
    assertThat(drover.run("snapshot-list", "web", "--parent", "--no-leaves").out())
        .isEqualTo(
            """
             Name   Creation Time               State           Parent
            ------------------------------------------------------------
             s1     2023-11-14 22:13:20 +0000   disk-snapshot   -
             s3     2023-11-14 22:13:20 +0000   disk-snapshot   s1
             s6     2023-11-14 22:13:20 +0000   disk-snapshot   s3
             s7     2023-11-14 22:13:20 +0000   disk-snapshot   s1

            """);
    assertThat(drover.run("snapshot-list", "web", "--parent", "--no-leaves", "--name", "-q").out())
        .isEqualTo("s1\ns3\ts1\ns6\ts3\ns7\ts1\n");
  }

  @Test
  void namesAreSortedWithoutRegardToCase() {
    daemon.snapshots.snapshots =
        Stream.of("b", "C", "A").map(name -> FakeSnapshots.snapshot(name, "")).toList();

    assertThat(drover.run("snapshot-list", "web", "--name", "-q").out()).isEqualTo("A\nb\nC\n");
  }

  @Test
  void programsGetTheSameSelection() {
    assertThat(drover.run("-o", "json", "snapshot-list", "web", "--from", "s7").out())
        .startsWith("[{\n")
        .contains("\"name\": \"s8\"")
        .doesNotContain("\"name\": \"s7\"");
    assertThat(drover.run("-o", "json", "snapshot-list", "web", "--tree", "--from", "s7").out())
        .contains("\"name\": \"s7\"", "\"name\": \"s8\"")
        .doesNotContain("\"name\": \"s3\"");
  }

  @Test
  void anUnknownStartIsRefusedByTheDaemon() {
    assertThat(drover.run("snapshot-list", "web", "--from", "none").err())
        .isEqualTo(
            """
            error: Failed to list the snapshots of domain 'web'
            error: Snapshot 'none' does not exist
            """);
  }

  @Test
  void parentsThatFormARingEndTheWalk() {
    List<Snapshot> ring =
        List.of(FakeSnapshots.snapshot("a", "b"), FakeSnapshots.snapshot("b", "a"));

    assertThat(SnapshotForest.byName(ring).descendants("a"))
        .extracting(Snapshot::getName)
        .containsExactly("b", "a");
  }
}
