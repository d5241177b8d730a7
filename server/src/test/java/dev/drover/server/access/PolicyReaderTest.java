package dev.drover.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** R23: what a policy file says, and what is wrong with one, by name and line. */
class PolicyReaderTest {

  @Test
  void readsRolesAndBindings() throws PolicyException {
    List<Binding> bindings =
        PolicyReader.parse(
            """
            # Who may do what.
            [roles.restarter]
            permissions = ["host.read", "domain.snapshot.*"]

            [[binding]]
            principals = ["uid:1000", "x509:dns:*.example.org"]
            role = "restarter"

            [[binding]]
            principals = ["x509:email:ada@example.org"]
            role = "operator"
            domains = ["web-*"]
            labels = { team = "a" }
            """);
    assertThat(bindings).hasSize(2);
    Binding first = bindings.getFirst();
    assertThat(first.line()).isEqualTo(5);
    assertThat(first.role().permissions())
        .containsExactlyInAnyOrder(
            Permission.HOST_READ,
            Permission.DOMAIN_SNAPSHOT_READ,
            Permission.DOMAIN_SNAPSHOT_WRITE);
    assertThat(first.limit()).isEmpty();
    assertThat(first.binds("uid:1000")).isTrue();
    assertThat(first.binds("uid:10001")).isFalse();
    assertThat(first.binds("x509:dns:db.example.org")).isTrue();
    assertThat(first.binds("x509:uri:db.example.org")).isFalse();
    Binding second = bindings.getLast();
    assertThat(second.line()).isEqualTo(9);
    assertThat(second.role()).isEqualTo(Role.OPERATOR);
    assertThat(second.limit())
        .contains(new DomainSelector(List.of(Glob.of("web-*")), Map.of("team", "a")));
  }

  /** The guide's example is one that a daemon takes. */
  @Test
  void theGuidesExampleCanBeUsed() throws IOException, PolicyException {
    String guide = Files.readString(Path.of("..", "docs", "security.md"));
    int begin = guide.indexOf("```toml policy\n") + "```toml policy\n".length();
    List<Binding> bindings =
        PolicyReader.parse(guide.substring(begin, guide.indexOf("```", begin)));
    assertThat(bindings)
        .extracting(binding -> binding.role().name())
        .containsExactly("backup", "operator");
  }

  /** The guide's table of roles says what they give. */
  @Test
  void theGuidesTableSaysWhatRolesGive() throws IOException {
    List<String> guide = Files.readAllLines(Path.of("..", "docs", "security.md"));
    Set<String> viewer = named(guide, Role.VIEWER);
    assertThat(viewer).isEqualTo(texts(Role.VIEWER));
    for (Role role : List.of(Role.OPERATOR, Role.BACKUP)) {
      Set<String> all = named(guide, role);
      assertThat(all.remove("viewer")).isTrue();
      all.addAll(viewer);
      assertThat(all).as(role.name()).isEqualTo(texts(role));
    }
  }

  private static Set<String> texts(Role role) {
    return role.permissions().stream().map(Permission::text).collect(Collectors.toSet());
  }

  /** What stands in quotes in the row of a role, after its name. */
  private static Set<String> named(List<String> guide, Role role) {
    String row =
        guide.stream()
            .filter(line -> line.startsWith("| `" + role.name() + "` |"))
            .findFirst()
            .orElseThrow();
    return Pattern.compile("`([^`]+)`")
        .matcher(row)
        .results()
        .skip(1)
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(HashSet::new));
  }

  @Test
  void anEmptyFileBindsNobody() throws PolicyException {
    assertThat(PolicyReader.parse("")).isEmpty();
  }

  /** R24: the hypervisor's arguments have a permission of their own, which no star means. */
  @Test
  void aStarDoesNotMeanTheArgumentsOfTheHypervisor() throws PolicyException {
    assertThat(permissions("domain.*"))
        .contains(Permission.DOMAIN_WRITE, Permission.DOMAIN_BLOCK_WRITE)
        .doesNotContain(Permission.DOMAIN_QEMU_ARGS, Permission.JOB_READ);
    assertThat(permissions("domain.qemu-args")).containsExactly(Permission.DOMAIN_QEMU_ARGS);
  }

  private static Iterable<Permission> permissions(String entry) throws PolicyException {
    return PolicyReader.parse(
            """
            [roles.own]
            permissions = ["%s"]
            [[binding]]
            principals = ["uid:1"]
            role = "own"
            """
                .formatted(entry))
        .getFirst()
        .role()
        .permissions();
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of("[role.x]\n", "line 1: unknown key \"role\"; did you mean \"roles\"?"),
        Arguments.of("\nroles = 1\n", "line 2: roles are tables: write [roles.NAME]"),
        Arguments.of("[binding]\n", "line 1: bindings are a list of tables: write [[binding]]"),
        Arguments.of(
            "[roles.x]\npermissions = [\n  \"job.read\",\n  \"domain.raed\",\n]\n",
            "line 4: unknown permission \"domain.raed\"; did you mean \"domain.read\"?"),
        Arguments.of(
            "[roles.x]\npermissions = [\"*\"]\n", "line 2: unknown permission \"*\"; known are"),
        Arguments.of(
            "[roles.x]\npermissions = [\"disk.*\"]\n", "line 2: unknown permission \"disk.*\""),
        Arguments.of(
            "[roles.x]\npermissions = []\n",
            "line 2: permissions must be a list of at least one text"),
        Arguments.of("[roles.x]\n", "line 1: permissions must be a list of at least one text"),
        Arguments.of(
            "[roles.x]\npermissions = [\"job.read\"]\nlimit = 1\n",
            "line 3: unknown key \"limit\"; known are permissions"),
        Arguments.of(
            "[roles.viewer]\npermissions = [\"job.read\"]\n",
            "line 1: the role \"viewer\" is built in; choose another name"),
        Arguments.of(
            "[roles.X]\npermissions = [\"job.read\"]\n",
            "line 1: the role's name \"X\" must match"),
        Arguments.of(
            bound("principals = [\"uid:1\"]\nrole = \"vewer\""),
            "line 3: unknown role \"vewer\"; did you mean \"viewer\"?"),
        Arguments.of(bound("principals = [\"uid:1\"]"), "line 1: role must be the name of a role"),
        Arguments.of(
            bound("principals = [\"uid:1\",\n\"ada\"]\nrole = \"viewer\""),
            "line 3: no caller is ever called \"ada\""),
        Arguments.of(
            bound("principals = [\"*\"]\nrole = \"viewer\""),
            "line 2: no caller is ever called \"*\""),
        Arguments.of(
            bound("principal = \"uid:1\"\nrole = \"viewer\""),
            "line 2: unknown key \"principal\"; did you mean \"principals\"?"),
        Arguments.of(
            bound("principals = \"uid:1\"\nrole = \"viewer\""),
            "line 2: principals must be a list of at least one text"),
        Arguments.of(
            bound("principals = [\"uid:1\"]\nrole = \"viewer\"\ndomains = []"),
            "line 4: domains must be a list of at least one text"),
        Arguments.of(
            bound("principals = [\"uid:1\"]\nrole = \"viewer\"\ndomains = [1]"),
            "line 4: domains holds something that is no text"),
        Arguments.of(
            bound("principals = [\"uid:1\"]\nrole = \"viewer\"\nlabels = {}"),
            "line 4: labels must be a table with at least one label"),
        Arguments.of(
            bound("principals = [\"uid:1\"]\nrole = \"viewer\"\nlabels = { n = 1 }"),
            "line 4: the label \"n\" must be a text"),
        Arguments.of("a = 1\n[[binding]\nb = 2\n", "line "));
  }

  private static String bound(String text) {
    return "[[binding]]\n" + text + "\n";
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeIsToldByNameAndLine(String text, String problem) {
    PolicyException failure =
        catchThrowableOfType(PolicyException.class, () -> PolicyReader.parse(text));
    assertThat(failure.problems()).anySatisfy(told -> assertThat(told).startsWith(problem));
  }

  @Test
  void theLineIsThatOfTheBindingMeant() {
    PolicyException failure =
        catchThrowableOfType(
            PolicyException.class,
            () ->
                PolicyReader.parse(
                    """
                    [[binding]]
                    principals = ["uid:1"]
                    role = "viewer"
                    [[binding]]
                    principals = ["uid:2"]
                    role = "vierwer"
                    [binding.labels]
                    a = 1
                    """));
    assertThat(failure.problems())
        .containsExactlyInAnyOrder(
            "line 6: unknown role \"vierwer\"; did you mean \"viewer\"?",
            "line 7: the label \"a\" must be a text");
  }
}
