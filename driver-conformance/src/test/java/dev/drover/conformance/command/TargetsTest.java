package dev.drover.conformance.command;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is refused before any daemon is started or reached (R16). */
class TargetsTest {

  @Test
  @DisplayName("A run has at least one daemon")
  void none() {
    assertThatThrownBy(
            () -> Targets.open("test:///default", true, Optional.of(0), Optional.empty()))
        .isInstanceOf(UnusableTarget.class)
        .hasMessageContaining("--daemons needs at least 1");
  }

  @Test
  @DisplayName("A daemon that somebody else runs is not shared by cases that run at once")
  void shared() {
    assertThatThrownBy(
            () ->
                Targets.open(
                    "test+unix:///default?socket=/nowhere/droverd.sock",
                    false,
                    Optional.of(2),
                    Optional.empty()))
        .isInstanceOf(UnusableTarget.class)
        .hasMessageContaining("add --private");
  }
}
