package dev.drover.dist;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The folders of the build's modules, seen from the module the tests run in. */
final class Modules {

  private static final Path ROOT = Path.of("..");

  private Modules() {}

  static List<Path> folders() {
    try (Stream<Path> folders = Files.list(ROOT)) {
      return folders.filter(folder -> Files.exists(folder.resolve("pom.xml"))).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every file below {@code src} of every module whose name has the ending. */
  static List<Path> sources(String ending) {
    return folders().stream()
        .map(folder -> folder.resolve("src"))
        .filter(Files::isDirectory)
        .flatMap(
            src -> {
              try (Stream<Path> files = Files.walk(src)) {
                return files.filter(file -> file.toString().endsWith(ending)).toList().stream();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .toList();
  }
}
