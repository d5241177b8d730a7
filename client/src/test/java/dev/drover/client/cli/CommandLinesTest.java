package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLinesTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "list --all, list|--all",
        "`  list   --all  `, list|--all",
        "domstate 'my web', domstate|my web",
        "domstate \"my web\", domstate|my web",
        "domstate my\\ web, domstate|my web",
        "snapshot-create-as web '' text, snapshot-create-as|web||text",
        "define \"a\\\"b\\\\c\\d\", define|a\"b\\c\\d",
        "define 'a\\b', define|a\\b",
        "list # all of them, list",
        "domstate web#1, domstate|web#1",
        "list --na'me', list|--name",
      })
  void wordsArePartedAsInAShell(String text, String words) {
    assertThat(CommandLines.of("here", text))
        .containsExactly(new CommandLines.Command(1, List.of(words.split("\\|", -1))));
  }

  @Test
  void commandsEndWithTheirLineOrASemicolon() {
    assertThat(
            CommandLines.of(
                "here",
                """
                # What is there
                list; domid web;;

                domstate \\
                  web
                snapshot-create-as web 'two
                lines'
                hostname\
                """))
        .containsExactly(
            new CommandLines.Command(2, List.of("list")),
            new CommandLines.Command(2, List.of("domid", "web")),
            new CommandLines.Command(4, List.of("domstate", "web")),
            new CommandLines.Command(6, List.of("snapshot-create-as", "web", "two\nlines")),
            new CommandLines.Command(8, List.of("hostname")));
  }

  @Test
  void nothingIsNoCommand() {
    assertThat(CommandLines.of("here", " \n ; # only this\n")).isEmpty();
  }

  @Test
  void anOpenQuoteIsToldWithItsPlace() {
    assertThatThrownBy(() -> CommandLines.of("nightly", "list\ndomstate 'web\n"))
        .isInstanceOf(CommandFailure.class)
        .hasMessage("nightly:2: a ' is not closed");
  }
}
