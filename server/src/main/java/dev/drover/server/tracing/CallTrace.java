package dev.drover.server.tracing;

import dev.drover.server.activity.CallEnd;

/** The trace of one call. Safe for any number of threads. */
public interface CallTrace {

  /** What log lines of a traced call, or of work on its jobs, name the id of the trace by. */
  String MARK = "trace";

  /** That of a call which is not traced. */
  CallTrace NONE =
      new CallTrace() {
        @Override
        public String traceparent() {
          return "";
        }

        @Override
        public String traceId() {
          return "";
        }

        @Override
        public Scope enter() {
          return Scope.NONE;
        }

        @Override
        public void inDriver(String scheme, Runnable work) {
          work.run();
        }

        @Override
        public void ended(CallEnd end, About about) {}
      };

  /** The call in the form of W3C's trace context, for what outlives it; empty: not traced. */
  String traceparent();

  /** Id of the trace, for log lines; empty where nothing of it is sent. */
  String traceId();

  /** Lets what the current thread begins be part of the call, until that is closed. */
  Scope enter();

  /**
   * Lets a driver work for the call, on the current thread.
   *
   * @param scheme scheme of the driver
   */
  void inDriver(String scheme, Runnable work);

  /** The call has ended. */
  void ended(CallEnd end, About about);

  /** What the current thread begins is part of a call. To be closed on that thread. */
  @FunctionalInterface
  interface Scope extends AutoCloseable {

    /** Of nothing. */
    Scope NONE = () -> {};

    @Override
    void close();
  }

  /**
   * What a call was about. Names of files and what a client may have meant as a secret are in none
   * of it.
   *
   * @param callId the daemon's id of the call, by which log lines are found
   * @param uri connection URI that the client named; empty: none
   * @param domain the domain as the request names it; empty: none
   * @param job id of the job; empty: none
   */
  record About(String callId, String uri, String domain, String job) {}
}
