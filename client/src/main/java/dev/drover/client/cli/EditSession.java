package dev.drover.client.cli;

import dev.drover.client.DroverException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Lets a person change a text in the editor of their choice ({@code $VISUAL}, {@code $EDITOR} or
 * vi), shows what changed, asks, and applies it. Without a terminal there is nobody to ask, and
 * what the editor left is applied. Questions and differences go to standard error. A text that was
 * changed and could not be applied is kept, and its place told.
 */
final class EditSession {
  private enum Answer {
    YES,
    NO,
    AGAIN
  }

  private final Surroundings surroundings;
  private final boolean asks;
  private final BufferedReader answers;

  /**
   * @param yes true to apply without a question
   */
  EditSession(Surroundings surroundings, boolean yes) {
    this.surroundings = surroundings;
    this.asks = surroundings.terminal() && !yes;
    this.answers =
        new BufferedReader(new InputStreamReader(surroundings.in(), StandardCharsets.UTF_8));
  }

  /**
   * Has a text edited.
   *
   * @param text what it is now
   * @param ending of the file's name, by which editors know the language
   * @param apply reads the new text and does what it says; may be called again after it failed
   * @return what was done; empty where nothing was changed, or the person has decided against it
   * @throws CommandFailure where the text could not be applied and the person has given up
   */
  <T> Optional<T> edit(String text, String ending, Function<String, T> apply) {
    try {
      Path file = Files.createTempFile("drover-", ending);
      boolean keep = true;
      try {
        Files.writeString(file, text);
        Optional<T> done = loop(file, text, apply);
        keep = false;
        return done;
      } catch (CommandFailure | DroverException e) {
        keep = keep && !Files.readString(file).equals(text);
        if (keep) {
          surroundings.err().println("Your text is kept in " + file);
        }
        throw e;
      } finally {
        if (!keep) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new CommandFailure("The text cannot be edited: " + e.getMessage());
    }
  }

  private <T> Optional<T> loop(Path file, String text, Function<String, T> apply)
      throws IOException {
    while (true) {
      launch(file);
      String edited = Files.readString(file);
      if (edited.equals(text)) {
        return Optional.empty();
      }
      show(text, edited);
      switch (asks ? ask("Apply these changes? [y]es, [n]o, [a]gain: ") : Answer.YES) {
        case NO -> {
          return Optional.empty();
        }
        case AGAIN -> {}
        case YES -> {
          try {
            return Optional.of(apply.apply(edited));
          } catch (CommandFailure | DroverException e) {
            if (!asks) {
              throw e;
            }
            Colours colours = surroundings.errorColours();
            surroundings.err().println(colours.red("error:") + " " + e.getMessage());
            if (ask("Edit again? [y]es, [n]o: ") == Answer.NO) {
              throw e;
            }
          }
        }
      }
    }
  }

  private void show(String before, String after) {
    Colours colours = surroundings.errorColours();
    PrintStream err = surroundings.err();
    for (String line : LineDiff.of(before, after)) {
      err.println(
          switch (line.charAt(0)) {
            case '-' -> colours.red(line);
            case '+' -> colours.green(line);
            case '@' -> colours.cyan(line);
            default -> line;
          });
    }
    err.flush();
  }

  /** Asks until there is an answer; the end of the input is a no. */
  private Answer ask(String question) {
    while (true) {
      surroundings.err().print(question);
      surroundings.err().flush();
      String line;
      try {
        line = Optional.ofNullable(answers.readLine()).orElse("n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      String word = line.strip().toLowerCase(Locale.ROOT);
      if (List.of("y", "yes").contains(word)) {
        return Answer.YES;
      }
      if (List.of("n", "no").contains(word)) {
        return Answer.NO;
      }
      if (List.of("a", "again").contains(word)) {
        return Answer.AGAIN;
      }
    }
  }

  /** The editor is the person's, who takes whatever time it takes. */
  private void launch(Path file) throws IOException {
    Map<String, String> environment = surroundings.environment();
    String editor = environment.getOrDefault("VISUAL", environment.getOrDefault("EDITOR", "vi"));
    Process process =
        new ProcessBuilder("sh", "-c", editor + " \"$1\"", "sh", file.toString())
            .inheritIO()
            .start();
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new CommandFailure("Editor '%s' ended with code %d".formatted(editor, code));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("Editor '%s' was given up".formatted(editor));
    }
  }
}
