package dev.drover.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/** A script in place of the ssh program: it does what a test says and counts how often it ran. */
final class FakeSsh {
  private final Path script;
  private final Path runs;

  /**
   * @param body lines of a shell script; $BRIDGE starts a real bridge
   */
  FakeSsh(Path directory, String body) {
    this.script = directory.resolve("ssh");
    this.runs = directory.resolve("runs");
    says(body);
  }

  /** Does something else from now on. */
  void says(String body) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    try {
      Path next =
          Files.writeString(
              script.resolveSibling("next"),
              """
              #!/bin/sh
              echo $$ >> '%s'
              BRIDGE="%s -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp target/classes dev.drover.client.cli.BridgeProgram"
              %s
              """
                  .formatted(runs, java, body));
      Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rwx------"));
      Files.move(next, script, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Process ids of its runs, in order. */
  List<Long> runs() {
    try {
      return Files.exists(runs)
          ? Files.readAllLines(runs).stream().map(Long::valueOf).toList()
          : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** True where a process of that run is still there. */
  static boolean lives(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
  }

  Drover connect() {
    return Drover.builder()
        .uri("test+ssh://ada@host/default?command=" + script)
        .deadline(Duration.ofSeconds(40))
        .reconnectFor(Duration.ofSeconds(20))
        .build();
  }
}
