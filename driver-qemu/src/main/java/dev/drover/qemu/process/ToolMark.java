package dev.drover.qemu.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a program that the daemon runs for a moment, such as the image tool, carries in its
 * environment. One whose daemon was killed goes on: it would make a file anew that the next daemon
 * has just removed, or put another name into a header that the next daemon has just put right (R2).
 * So that one ends what carries its mark before it looks at an image.
 *
 * @param value entry of the environment, the same for every daemon of one state directory
 */
public record ToolMark(String value) {

  private static final Logger logger = LoggerFactory.getLogger(ToolMark.class);
  private static final String VARIABLE = "DROVER_DAEMON";

  /** A killed process is gone at once unless the kernel itself is stuck on its behalf. */
  private static final Duration KILL_DEADLINE = Duration.ofSeconds(5);

  /** The mark of the daemon of a state directory, of which there is one at a time (R27). */
  public static ToolMark of(Path stateDirectory) {
    String path = stateDirectory.toAbsolutePath().normalize().toString();
    return new ToolMark(UUID.nameUUIDFromBytes(path.getBytes(StandardCharsets.UTF_8)).toString());
  }

  /** The whole environment of a program that carries the mark. */
  public Map<String, String> environment() {
    return Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C", VARIABLE, value);
  }

  /**
   * Ends every process that carries the mark. One that the kernel does not let go of runs nothing
   * of its program any more, so that it is waited for only as long as any other.
   */
  public void endLeftBehind() {
    List<ProcessHandle> ended =
        ProcessHandle.allProcesses()
            .filter(this::carried)
            .filter(ProcessHandle::destroyForcibly)
            .toList();
    for (ProcessHandle process : ended) {
      logger.warn("Ended process {}, a tool that the daemon before has left", process.pid());
      awaitEnd(process);
    }
  }

  private boolean carried(ProcessHandle process) {
    Path environment = Path.of("/proc", Long.toString(process.pid()), "environ");
    try {
      String entries = Files.readString(environment, StandardCharsets.ISO_8859_1);
      return List.of(entries.split("\0", -1)).contains(VARIABLE + "=" + value);
    } catch (IOException e) {
      // It has ended, or is another user's and so not ours.
      return false;
    }
  }

  private static void awaitEnd(ProcessHandle process) {
    try {
      process.onExit().get(KILL_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      logger.warn("Process {} was killed and is still there", process.pid());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
