package dev.drover.api.reference;

import dev.drover.api.ApiDescriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Writes the API reference into a directory, and removes pages that it has no more. */
final class WriteReference {

  private WriteReference() {}

  /** Takes the introduction, docs/security.md and the directory. */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("usage: WriteReference <introduction> <security guide> <directory>");
      System.exit(2);
    }
    Reference reference =
        Reference.of(
            ApiDescriptors.compiled(),
            Files.readString(Path.of(args[0])),
            Files.readAllLines(Path.of(args[1])));
    Path directory = Files.createDirectories(Path.of(args[2]));
    for (Path old : pages(directory)) {
      if (!reference.pages().containsKey(old.getFileName().toString())) {
        Files.delete(old);
      }
    }
    for (Map.Entry<String, String> page : reference.pages().entrySet()) {
      Files.writeString(directory.resolve(page.getKey()), page.getValue());
    }
  }

  private static List<Path> pages(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".md")).toList();
    }
  }
}
