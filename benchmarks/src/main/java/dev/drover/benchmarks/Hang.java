package dev.drover.benchmarks;

/** A way in which one domain stops to answer, again and again. Used by one thread. */
interface Hang extends AutoCloseable {

  /** What hangs, for the table. */
  String title();

  /** Name of the domain. */
  String domain();

  /** Makes it hang. Does nothing where it does. */
  void begin();

  /** Lets it go on. Does nothing where it does not hang. */
  void end();

  /** As {@link #end}, and takes down what made it hang, whatever state that is in. */
  @Override
  void close();
}
