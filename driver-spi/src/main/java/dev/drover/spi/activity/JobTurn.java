package dev.drover.spi.activity;

/**
 * Work of one thread on a job, from one look at it to the next. Most turns of a job find nothing to
 * do; only those in which it {@linkplain #reached gets somewhere}, or in which something fails, are
 * worth telling (R21).
 */
public interface JobTurn extends AutoCloseable {

  /** One that nobody looks at. */
  JobTurn UNOBSERVED =
      new JobTurn() {
        @Override
        public void reached(String step) {}

        @Override
        public void close() {}
      };

  /**
   * The job has come to a step in this turn.
   *
   * @param step name of the step, one of a fixed set
   */
  void reached(String step);

  @Override
  void close();
}
