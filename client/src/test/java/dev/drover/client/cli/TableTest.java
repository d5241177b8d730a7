package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  private static final Table TABLE =
      new Table(
          List.of("Id", "Name", "State"),
          List.of(List.of("1", "test", "running"), List.of("-", "a-longer-name", "shut off")));

  @Test
  void columnsAreLaidOutAsVirshDoes() {
    assertThat(TABLE.render(true))
        .isEqualTo(
            """
             Id   Name            State
            --------------------------------
             1    test            running
             -    a-longer-name   shut off
            """);
  }

  @Test
  void withoutHeaderThereIsNoRule() {
    assertThat(TABLE.render(false))
        .isEqualTo(
            """
             1   test            running
             -   a-longer-name   shut off
            """);
  }

  @Test
  void anEmptyTableStillHasItsHeader() {
    assertThat(new Table(List.of("Id", "Name", "State"), List.of()).render(true))
        .isEqualTo(
            """
             Id   Name   State
            --------------------
            """);
  }

  @Test
  void charactersOutsideTheBasicPlaneAreOneWide() {
    assertThat(new Table(List.of("A", "B"), List.of(List.of("\uD83D\uDC02", "x"))).render(false))
        .isEqualTo(" \uD83D\uDC02   x\n");
  }

  @Test
  void aRowOfAnotherLengthIsAMistake() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Table(List.of("A"), List.of(List.of("x", "y"))));
  }
}
