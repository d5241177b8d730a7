package dev.drover.api.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.api.ApiDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the reference makes of the text of a comment. */
class CommentTest {

  private static final Contract CONTRACT = Contract.of(ApiDescriptors.compiled());

  @Test
  void paragraphsAreTakenApart() {
    Comment comment =
        Comment.parse(
            """
             Starts it. Then
             goes on.

             A second one.

             Errors: DOMAIN_NOT_FOUND,
             NO_SPACE.

             Errors of every call: UNKNOWN_FIELD.

             Errors of every call that starts a job: IMAGE_IN_USE.

             Next: wait.
            """);
    assertThat(comment.text()).containsExactly("Starts it. Then goes on.", "A second one.");
    assertThat(comment.errors()).containsExactly("DOMAIN_NOT_FOUND, NO_SPACE.");
    assertThat(comment.everyCall()).containsExactly("UNKNOWN_FIELD.");
    assertThat(comment.everyStart()).containsExactly("IMAGE_IN_USE.");
    assertThat(comment.next()).containsExactly("wait.");
    assertThat(comment.firstSentence()).isEqualTo("Starts it.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '\0',
      value = {
        "Compares them (R8).; Compares them.",
        "Compares them (R8, C1 to C20).; Compares them.",
        "Ends it (D10, not with wait).; Ends it (not with wait).",
        "Excludes base (shallow, A5).; Excludes base (shallow).",
        "A bandwidth (C14) that overflows.; A bandwidth that overflows.",
        "QEMU 7.2 (x86).; QEMU 7.2 (x86).",
      })
  void idsOfRequirementsAreLeftOut(String source, String text) {
    assertThat(Comment.parse(source).line()).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '\0',
      value = {
        "See StartDomain.; See [`StartDomain`](domain.md#startdomain).",
        "See CancelJob.; See [`CancelJob`](#canceljob).",
        "See JobRequest.base.; See [`JobRequest.base`](#jobrequest).",
        "Raises NO_SPACE.; Raises [`NO_SPACE`](errors.md#no_space).",
        "JOB_STATE_READY it is.; [`JOB_STATE_READY`](#jobstate) it is.",
        "Needs \"job.write\" here.; Needs `job.write` here.",
        "By request_id only.; By `request_id` only.",
        "Letters . _ and [a-z]*.; Letters . \\_ and \\[a-z\\]\\*.",
        "Disk and Job are words.; Disk and Job are words.",
        "A | B and <index>.; A \\| B and \\<index\\>.",
      })
  void wordsBecomeLinksAndCode(String plain, String markdown) {
    assertThat(new Markdown(CONTRACT.places(), "job.md").text(plain)).isEqualTo(markdown);
  }

  @Test
  void entriesOfListsAreApartOutsideOfParentheses() {
    assertThat(ErrorLists.split("A, B (one, two), C.", ","))
        .containsExactly("A", "B (one, two)", "C");
  }
}
