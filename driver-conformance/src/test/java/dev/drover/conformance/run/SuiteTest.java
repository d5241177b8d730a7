package dev.drover.conformance.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.OfSnapshot;
import dev.drover.conformance.bench.Endpoint;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.suite.ConformanceCase;
import dev.drover.conformance.suite.DeclaredCells;
import dev.drover.conformance.suite.Requirements;
import dev.drover.conformance.suite.Subjects;
import dev.drover.conformance.suite.UnprovokedReasons;
import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The suite keeps its own promises (R16). */
class SuiteTest {

  /** Sections 1B to 1F by the letter of their ids, with the number of requirements of each. */
  private static final Map<String, Integer> SECTIONS =
      Map.of("B", 5, "C", 20, "D", 18, "E", 19, "F", 3);

  private static final Pattern SERVICE = Pattern.compile("^service (\\w+)", Pattern.MULTILINE);

  private static final List<ConformanceCase> CASES =
      Subjects.all().stream().flatMap(subject -> ConformanceCase.of(subject).stream()).toList();

  @Test
  void everyCaseCitesRequirementsThatExist() {
    Set<String> known = Requirements.read().texts().keySet();

    assertThat(CASES)
        .allSatisfy(
            one -> {
              assertThat(one.requirements()).as(one.id()).isNotEmpty();
              assertThat(known).as(one.id()).containsAll(one.requirements());
            });
  }

  @Test
  void everyRequirementOfTheListIsCited() {
    Set<String> uncited = new TreeSet<>(Requirements.read().texts().keySet());
    CASES.forEach(one -> uncited.removeAll(one.requirements()));
    uncited.removeIf(DeclaredCells.read()::mentions);

    // A3 is shown by what the suite asserts where a capability is missing, R16 and R18 by every
    // refusal.
    assertThat(uncited).isSubsetOf("A3", "R18");
  }

  @Test
  void everyCellOfSections1BTo1FHasACaseOrAReason() {
    requireEveryCell(everyOfSections1BTo1F(), ConformanceCase::requirements);
  }

  @Test
  void everyOperationOnEveryKindOfSnapshotHasACaseOrAReason() {
    List<String> rows = new ArrayList<>();
    for (OfSnapshot.Kind kind : OfSnapshot.Kind.values()) {
      for (OfSnapshot.Operation operation : OfSnapshot.Operation.values()) {
        rows.add(kind + "/" + operation);
      }
    }
    requireEveryCell(rows, ConformanceCase::snapshotRows);
  }

  /** Endpoints are listed by hand, and a service that is not among them would go unnoticed. */
  @Test
  void everyServiceOfTheContractIsAmongTheEndpoints() throws IOException, URISyntaxException {
    Path contract =
        Path.of(ErrorReason.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Set<String> services;
    if (Files.isDirectory(contract)) {
      services = services(contract);
    } else {
      try (FileSystem jar = FileSystems.newFileSystem(contract)) {
        services = services(jar.getPath("/"));
      }
    }

    assertThat(Endpoint.all())
        .extracting(endpoint -> endpoint.schema().getService().getName())
        .hasSameElementsAs(services);
  }

  private static Set<String> services(Path root) throws IOException {
    Set<String> services = new TreeSet<>();
    try (Stream<Path> files = Files.walk(root.resolve("drover"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".proto")).toList()) {
        SERVICE
            .matcher(Files.readString(file))
            .results()
            .map(found -> found.group(1))
            .forEach(services::add);
      }
    }
    return services;
  }

  private static void requireEveryCell(
      List<String> rows, Function<ConformanceCase, Set<String>> shown) {
    DeclaredCells declared = DeclaredCells.read();
    List<String> empty = new ArrayList<>();
    List<String> both = new ArrayList<>();
    for (String id : rows) {
      for (PowerState state : PowerState.values()) {
        boolean hasCase =
            CASES.stream()
                .filter(one -> shown.apply(one).contains(id))
                .anyMatch(one -> one.state().filter(state::equals).isPresent());
        boolean excused = declared.reason(id, state).isPresent();
        if (!hasCase && !excused) {
          empty.add(id + " " + state);
        } else if (hasCase && excused) {
          both.add(id + " " + state);
        }
      }
    }

    assertThat(empty).as("neither a case nor a line in declared-cells.txt").isEmpty();
    assertThat(both).as("lines of declared-cells.txt that cases made obsolete").isEmpty();
  }

  @Test
  void everyCaseOfSnapshotsSaysOfWhich() {
    assertThat(CASES)
        .filteredOn(one -> one.subject().getPackageName().endsWith(".snapshot"))
        .allSatisfy(one -> assertThat(one.snapshotRows()).as(one.id()).isNotEmpty());
  }

  @Test
  void theListHasEveryRequirementOfSections1BTo1F() {
    assertThat(Requirements.read().texts().keySet()).containsAll(everyOfSections1BTo1F());
  }

  private static List<String> everyOfSections1BTo1F() {
    List<String> every = new ArrayList<>();
    SECTIONS.forEach(
        (section, count) ->
            IntStream.rangeClosed(1, count)
                .mapToObj(number -> section + number)
                .forEach(every::add));
    return every;
  }

  @Test
  void everyCapabilityIsNeededByACase() {
    EnumSet<Capability> unneeded = EnumSet.allOf(Capability.class);
    CASES.forEach(one -> unneeded.removeAll(one.needs()));

    assertThat(unneeded)
        .containsExactlyInAnyOrder(
            Capability.CAPABILITY_UNSPECIFIED,
            Capability.UNRECOGNIZED,
            // Needed by the suite itself: a driver without it is refused at once.
            Capability.CAPABILITY_DOMAIN_LIFECYCLE);
  }

  @Test
  void caseIdsAreUnique() {
    assertThat(CASES).extracting(ConformanceCase::id).doesNotHaveDuplicates();
  }

  @Test
  void mostReasonsMustBeProvoked() {
    UnprovokedReasons excused = new UnprovokedReasons();
    Set<Capability> everything = EnumSet.allOf(Capability.class);
    List<ErrorReason> never =
        Arrays.stream(ErrorReason.values())
            .filter(reason -> excused.excuses(reason, everything))
            .toList();

    assertThat(never).as("reasons that no case provokes").hasSizeLessThan(25);
    assertThat(excused.excuses(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND, Set.of())).isFalse();
  }

  @Test
  void everyClassNamedCasesIsASubject() {
    assertThat(Subjects.all())
        .allSatisfy(subject -> assertThat(subject.getSimpleName()).endsWith("Cases"))
        .allSatisfy(subject -> assertThat(ConformanceCase.of(subject)).isNotEmpty());
  }
}
