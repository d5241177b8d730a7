package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.drover.client.Drover;
import dev.drover.v1.Job;
import dev.drover.v1.JobFilter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * Every command answers a program that asks for JSON or YAML: one is run here for each entry of the
 * command table, and a new one without a line here fails.
 */
class DocumentOutputTest {
  /** What has no data to print. */
  private static final Set<String> WITHOUT_DATA =
      Set.of(
          "completion", // A script for a shell.
          "bridge", // Bytes between two sockets.
          "policy check", // The daemon's program does it, in words.
          "conformance"); // Only says where the suite is.

  /** A run of every other command, each on what the ones before it have left. */
  private static final List<String> RUNS =
      List.of(
          "list --all",
          "define -",
          "start web --paused",
          "resume web",
          "suspend web",
          "reset web",
          "reboot web",
          "shutdown web",
          "autostart test",
          "dominfo test",
          "domstate test",
          "domid test",
          "domname 1",
          "domuuid test",
          "domcontrol test",
          "domstats",
          "dommemstat test",
          "vcpucount test",
          "domblklist test",
          "domblkinfo test vda",
          "domblkinfo test --all",
          "domiflist test",
          "edit test",
          "desc test",
          "desc test Something else",
          "setvcpus test 2 --config",
          "setmem test 65536 --config",
          "setmaxmem test 64MiB --config",
          "domain show test",
          "dumpxml test",
          "domain chain test",
          "domain template",
          "blockjob test vda",
          "blockcommit test vda --active",
          "blockjob test vda --info",
          "blockjob test vda 7",
          "job list",
          "job show {job}",
          "job resume {job}",
          "job wait {job}",
          "job complete {job} --keep",
          "blockcopy test vda /images/test/copy.qcow2",
          "job cancel {job}",
          "blockpull test vda --wait",
          "snapshot-create-as test one --disk-only",
          "snapshot-create test --disk-only",
          "snapshot-list test",
          "snapshot-info test one",
          "snapshot-parent test --current",
          "snapshot-current test",
          "snapshot-dumpxml test one",
          "snapshot-edit test one",
          "snapshot-edit test one --rename",
          "snapshot-revert test one",
          "snapshot-delete test one --plan",
          "snapshot-delete test one",
          "event --list",
          "top --once",
          "debug stuck",
          "version",
          "nodeinfo",
          "freecell",
          "nodememstats",
          "hostname",
          "uri",
          "capabilities",
          "policy explain uid:0 StartDomain",
          "pki init --directory {pki}",
          "pki issue client me --directory {pki}",
          "pki list --directory {pki}",
          "pki revoke me --directory {pki}",
          "destroy web",
          "undefine web",
          "create -");

  @TempDir private Path directory;

  private static List<JsonNode> read(String form, String text) throws IOException {
    ObjectMapper mapper =
        form.equals("yaml") ? new ObjectMapper(new YAMLFactory()) : new ObjectMapper();
    List<JsonNode> documents = new ArrayList<>();
    try (JsonParser parser = mapper.createParser(text)) {
      while (parser.nextToken() != null) {
        documents.add(mapper.readTree(parser));
      }
    }
    return documents;
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "yaml"})
  void everyCommandPrintsOneDocument(String form) throws IOException { // R18
    Set<String> run = new TreeSet<>();
    try (MemoryDaemon daemon = new MemoryDaemon(directory.resolve("daemon"), "real")) {
      CommandLineRun drover = daemon.commandLine().input("name: web\nmemory_bytes: 64MiB\n");
      drover.environment.put("EDITOR", "true");
      for (String line : RUNS) {
        List<String> words = words(daemon, line);
        run.add(verb(words));
        words.addAll(List.of("-o", form));
        CommandLineRun.Result result = drover.run(words.toArray(String[]::new));
        assertThat(result.code()).as("%s: %s", line, result.err()).isIn(codes(line));
        List<JsonNode> documents = read(form, result.out());
        assertThat(documents).as(line).hasSize(1);
        assertThat(documents.getFirst().isContainerNode()).as(line).isTrue();
      }
      assertThat(run).as("commands that are run here").isEqualTo(verbs(drover));
    }
  }

  /** What explains a permission answers a refusal with its exit code. */
  private static Set<Integer> codes(String line) {
    return line.startsWith("policy") ? Set.of(0, 1) : Set.of(0);
  }

  private List<String> words(MemoryDaemon daemon, String line) {
    List<String> words = new ArrayList<>();
    for (String word : line.split(" ", -1)) {
      words.add(
          switch (word) {
            case "{job}" -> job(daemon);
            case "{pki}" -> directory.resolve("pki").toString();
            default -> word;
          });
    }
    return words;
  }

  private static String job(MemoryDaemon daemon) {
    try (Drover drover = daemon.connect()) {
      return drover.jobs().list(JobFilter.newBuilder().setActiveOnly(true).build()).stream()
          .map(Job::getId)
          .findFirst()
          .orElseThrow();
    }
  }

  private static String verb(List<String> words) {
    return Set.of("domain", "job", "policy", "pki", "debug").contains(words.getFirst())
        ? words.get(0) + " " + words.get(1)
        : words.getFirst();
  }

  private static Set<String> verbs(CommandLineRun drover) {
    GlobalOptions options = new GlobalOptions();
    Surroundings surroundings = drover.surroundings();
    CommandLine root =
        CommandTable.commandLine(
            options, new Session(options, surroundings, new Connections(surroundings)), List.of());
    Set<String> verbs = new TreeSet<>();
    root.getSubcommands()
        .forEach(
            (name, command) -> {
              if (command.getSubcommands().isEmpty()) {
                verbs.add(name);
              }
              command.getSubcommands().keySet().forEach(child -> verbs.add(name + " " + child));
            });
    verbs.removeAll(WITHOUT_DATA);
    return verbs;
  }
}
