package dev.drover.api.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.api.ApiDescriptors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The reference of the real API: whole, linked without gaps, and readable without the sources. */
class ReferenceTest {

  private static final Path INTRODUCTION = Path.of("reference", "introduction.md");
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.*)$");
  private static final Pattern REQUIREMENT = Pattern.compile("\\b[A-GR][0-9]{1,2}\\b");

  private static final ApiDescriptors API = ApiDescriptors.compiled();
  private static final Contract CONTRACT = Contract.of(API);
  private static final Map<String, String> PAGES = pages();

  private static Map<String, String> pages() {
    try {
      return Reference.of(
              API, Files.readString(INTRODUCTION), Files.readAllLines(DOCS.resolve("security.md")))
          .pages();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyElementHasItsHeading() {
    Stream<String> expected =
        Stream.of(
                API.messages().map(message -> CONTRACT.places().of(message)),
                API.enums().map(type -> CONTRACT.places().of(type)),
                API.services().map(service -> CONTRACT.places().of(service)),
                API.methods().map(method -> CONTRACT.places().of(method)),
                API.enums()
                    .flatMap(type -> type.getValues().stream())
                    .filter(value -> value.getNumber() != 0)
                    .map(value -> CONTRACT.places().of(value)))
            .flatMap(stream -> stream)
            .map(place -> place.page() + "#" + place.anchor());
    assertThat(anchors()).containsAll(expected.toList());
  }

  @Test
  void everyLinkLeadsSomewhere() {
    List<String> broken = new ArrayList<>();
    Set<String> anchors = anchors();
    PAGES.forEach(
        (page, text) ->
            LINK.matcher(text)
                .results()
                .map(found -> found.group(1))
                .filter(target -> !target.startsWith("https://"))
                .filter(target -> !leads(page, target, anchors))
                .forEach(target -> broken.add(page + ": " + target)));
    assertThat(broken).isEmpty();
  }

  @Test
  void noPageHasTwoHeadingsOfOneName() {
    PAGES.forEach((page, text) -> assertThat(headings(text)).as(page).doesNotHaveDuplicates());
  }

  @Test
  void pagesNameNoRequirements() {
    PAGES.forEach(
        (page, text) ->
            assertThat(REQUIREMENT.matcher(text).results().map(MatchResult::group))
                .as("%s: ids that a reader of the reference cannot look up", page)
                .isEmpty());
  }

  @Test
  void everyReasonIsRaisedOrFoundSomewhere() {
    assertThat(reasonsWithout("**Raised by:**", "**Found in:**"))
        .as("reasons that neither the errors of an RPC nor another comment names")
        .isEmpty();
  }

  @Test
  void everyReasonSaysWhatToDo() {
    assertThat(reasonsWithout("**What to do:**")).as("reasons without \"Next:\"").isEmpty();
  }

  @Test
  void everyPermissionHasARole() {
    assertThat(PAGES.get(Places.PERMISSIONS).lines().filter(line -> line.startsWith("| [`")))
        .filteredOn(line -> line.contains("(#"))
        .allSatisfy(line -> assertThat(line).contains("yes"));
  }

  /** Reasons whose section has none of the marks. */
  private static List<String> reasonsWithout(String... marks) {
    List<String> sections = List.of(PAGES.get(Places.ERRORS).split("(?m)^## ", -1));
    assertThat(sections).hasSizeGreaterThan(70);
    return sections.stream()
        .skip(1)
        .filter(section -> Stream.of(marks).noneMatch(section::contains))
        .map(section -> section.lines().findFirst().orElseThrow())
        .toList();
  }

  private static boolean leads(String page, String target, Set<String> anchors) {
    if (target.startsWith("#")) {
      return anchors.contains(page + target);
    }
    int hash = target.indexOf('#');
    String file = hash < 0 ? target : target.substring(0, hash);
    if (PAGES.containsKey(file)) {
      return hash < 0 || anchors.contains(target);
    }
    return Files.exists(DOCS.resolve("api").resolve(file).normalize());
  }

  private static Set<String> anchors() {
    return PAGES.entrySet().stream()
        .flatMap(
            page ->
                headings(page.getValue()).stream()
                    .map(heading -> page.getKey() + "#" + Places.anchor(heading)))
        .collect(Collectors.toSet());
  }

  private static List<String> headings(String text) {
    return HEADING.matcher(text).results().map(found -> found.group(1)).toList();
  }
}
