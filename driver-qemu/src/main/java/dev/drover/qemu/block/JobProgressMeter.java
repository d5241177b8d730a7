package dev.drover.qemu.block;

import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.job.JobBook;
import dev.drover.v1.JobProgress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;

/**
 * Turns what QEMU counts into progress for people: bytes, rate over the last seconds, expected
 * time. Equal counts mean neither ready nor done, and are never shown as such.
 */
final class JobProgressMeter {

  private static final Duration WINDOW = Duration.ofSeconds(5);

  private final JobBook book;
  private final InstantSource clock;
  private final String jobId;
  private final ArrayDeque<Sample> samples = new ArrayDeque<>();
  private Shown last = new Shown(-1, -1, false);

  JobProgressMeter(JobBook book, InstantSource clock, String jobId) {
    this.book = book;
    this.clock = clock;
    this.jobId = jobId;
  }

  private record Sample(Instant at, long offset) {}

  private record Shown(long offset, long length, boolean moving) {}

  /** Notes what QEMU shows of the job now. */
  void note(BlockJobInfo info) {
    Instant now = clock.instant();
    samples.addLast(new Sample(now, info.offsetBytes()));
    while (samples.size() > 2
        && Duration.between(samples.getFirst().at(), now).compareTo(WINDOW) > 0) {
      samples.removeFirst();
    }
    long rate = Blockage.holds(info) ? 0 : rate();
    Shown shown = new Shown(info.offsetBytes(), info.lengthBytes(), rate > 0);
    if (shown.equals(last)) {
      return;
    }
    last = shown;
    long left = Math.max(0, info.lengthBytes() - info.offsetBytes());
    book.observe(
        jobId,
        job ->
            job.setProgress(
                JobProgress.newBuilder()
                    .setOffsetBytes(info.offsetBytes())
                    .setTotalBytes(info.lengthBytes())
                    .setRateBytesPerSecond(rate)
                    .setRemainingMilliseconds(remaining(left, rate))
                    .setObservedTime(ProtoTimes.timestamp(now))));
  }

  /** Bytes/s over the last seconds; 0 while nothing is known. */
  long rate() {
    if (samples.isEmpty()) {
      return 0;
    }
    Sample first = samples.getFirst();
    Sample newest = samples.getLast();
    long millis = Duration.between(first.at(), newest.at()).toMillis();
    long bytes = newest.offset() - first.offset();
    return millis <= 0 || bytes <= 0 ? 0 : (long) (bytes * 1000.0 / millis);
  }

  private static long remaining(long bytes, long rate) {
    return rate == 0 ? 0 : (long) (bytes * 1000.0 / rate);
  }
}
