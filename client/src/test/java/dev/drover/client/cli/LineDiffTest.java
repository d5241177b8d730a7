package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LineDiffTest {
  @Test
  void equalTextsDoNotDiffer() {
    assertThat(LineDiff.of("a\nb\n", "a\nb\n")).isEmpty();
    assertThat(LineDiff.of("", "")).isEmpty();
  }

  @Test
  void aChangeStandsBetweenThreeLinesOnEitherSide() {
    assertThat(LineDiff.of("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"))
        .containsExactly("@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8");
  }

  @Test
  void changesFarApartAreTwoHunks() {
    String before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

    List<String> lines = LineDiff.of(before, "0\n" + before.replace("10\n", ""));

    assertThat(lines)
        .containsExactly(
            "@@ -1,3 +1,4 @@", "+0", " 1", " 2", " 3", "@@ -7,4 +8,3 @@", " 7", " 8", " 9", "-10");
  }

  @Test
  void changesCloseTogetherAreOneHunk() {
    assertThat(LineDiff.of("a\nb\nc\nd\n", "A\nb\nc\nD\n"))
        .containsExactly("@@ -1,4 +1,4 @@", "-a", "+A", " b", " c", "-d", "+D");
  }

  @Test
  void everythingMayComeOrGo() {
    assertThat(LineDiff.of("", "new\n")).containsExactly("@@ -0,0 +1,1 @@", "+new");
    assertThat(LineDiff.of("old\n", "")).containsExactly("@@ -1,1 +0,0 @@", "-old");
  }
}
