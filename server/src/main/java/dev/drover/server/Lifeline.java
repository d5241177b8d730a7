package dev.drover.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a daemon for one test lives by, so that none is left over by a test that was killed: the
 * process that started it, and the standard input that it got from there.
 */
final class Lifeline {

  private static final Logger log = LoggerFactory.getLogger(Lifeline.class);
  private static final Path STANDARD_INPUT = Path.of("/proc/self/fd/0");

  private Lifeline() {}

  /**
   * Waits in the background until the parent process has ended, or the input where it is a pipe or
   * a socket: a terminal and {@code /dev/null} say nothing about who wants the daemon.
   *
   * @param ended done then, once
   */
  static void follow(InputStream input, Runnable ended) {
    AtomicBoolean told = new AtomicBoolean();
    Runnable once =
        () -> {
          if (told.compareAndSet(false, true)) {
            ended.run();
          }
        };
    ProcessHandle.current()
        .parent()
        .ifPresent(
            parent -> {
              var _ = parent.onExit().thenRun(once);
            });
    if (heldByParent()) {
      Thread.ofPlatform().daemon().name("drover-lifeline").start(() -> readToEnd(input, once));
    }
  }

  private static boolean heldByParent() {
    try {
      String target = Files.readSymbolicLink(STANDARD_INPUT).toString();
      return target.startsWith("pipe:") || target.startsWith("socket:");
    } catch (IOException e) {
      log.warn("what the standard input is cannot be read; the parent process decides", e);
      return false;
    }
  }

  private static void readToEnd(InputStream input, Runnable ended) {
    try {
      input.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      log.warn("the standard input cannot be read", e);
    }
    ended.run();
  }
}
