package dev.drover.client.cli;

import dev.drover.v1.Job;
import dev.drover.v1.JobProgress;
import dev.drover.v1.JobState;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Shows how far a job has come: one line drawn over and over on a terminal, elsewhere a new line
 * for each phase and each tenth of the way. Used by one thread at a time.
 */
final class ProgressLine {
  private static final int STEP_PERCENT = 10;
  private static final int LONGEST_BAR = 24;
  private static final int SHORTEST_BAR = 6;
  private static final int BRACKETS = 3;

  private final PrintStream out;
  private final boolean terminal;
  private final int columns;
  private boolean drawn;
  private int lastLength;
  private String lastPhase = "";
  private int lastStep = -1;

  /**
   * @param terminal true where a line may be drawn over
   * @param columns width of the terminal
   */
  ProgressLine(PrintStream out, boolean terminal, int columns) {
    this.out = out;
    this.terminal = terminal;
    this.columns = columns;
  }

  /** Shows the job as it is now. */
  synchronized void show(Job job) {
    if (terminal) {
      draw(render(job, columns - 1));
    } else {
      append(job);
    }
  }

  /** Prints a remark between two drawings. */
  synchronized void remark(String text) {
    end();
    out.println(text);
    out.flush();
  }

  /** Ends a drawn line, so that other text can follow. */
  synchronized void end() {
    if (drawn) {
      out.println();
      out.flush();
      drawn = false;
      lastLength = 0;
    }
  }

  private void draw(String line) {
    out.print('\r');
    out.print(line);
    // A shorter line leaves the end of the longer one before it.
    out.print(" ".repeat(Math.max(0, lastLength - line.length())));
    out.flush();
    lastLength = line.length();
    drawn = true;
  }

  private void append(Job job) {
    String phase = Texts.phase(job);
    int step = (int) Texts.percent(job) / STEP_PERCENT;
    if (phase.equals(lastPhase) && step <= lastStep) {
      return;
    }
    lastPhase = phase;
    lastStep = step;
    out.println(head(job) + " " + tail(job));
    out.flush();
  }

  private static String render(Job job, int width) {
    String head = head(job);
    String tail = tail(job);
    int room = Math.min(LONGEST_BAR, width - head.length() - tail.length() - BRACKETS - 1);
    String line =
        room < SHORTEST_BAR
            ? head + " " + tail
            : head + " [" + bar(Texts.percent(job), room) + "] " + tail;
    return line.length() > width ? line.substring(0, Math.max(0, width)) : line;
  }

  private static String head(Job job) {
    return "%s: [%s]".formatted(Texts.kind(job.getKind()), Texts.percentage(Texts.percent(job)));
  }

  private static String bar(double percent, int length) {
    int done = (int) (percent * length / 100);
    return "#".repeat(done) + "-".repeat(length - done);
  }

  private static String tail(Job job) {
    JobProgress progress = job.getProgress();
    List<String> parts = new ArrayList<>();
    if (progress.getTotalBytes() != 0) {
      parts.add(
          "%s of %s"
              .formatted(
                  Sizes.format(progress.getOffsetBytes()), Sizes.format(progress.getTotalBytes())));
    }
    if (job.getState() == JobState.JOB_STATE_RUNNING) {
      if (progress.getRateBytesPerSecond() != 0) {
        parts.add(Sizes.format(progress.getRateBytesPerSecond()) + "/s");
      }
      if (progress.getRemainingMilliseconds() != 0) {
        parts.add("ETA " + Texts.duration(Duration.ofMillis(progress.getRemainingMilliseconds())));
      }
    }
    parts.add(Texts.phase(job));
    return String.join(", ", parts);
  }
}
