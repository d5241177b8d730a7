package dev.drover.server.guard;

import dev.drover.server.activity.CallEnd;
import dev.drover.server.tracing.CallTrace;
import dev.drover.server.tracing.CallTracer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keeps what a tracer is told of the calls of a test. */
final class TraceTap implements CallTracer, CallTrace {

  static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  final List<Optional<String>> began = new ArrayList<>();
  final List<String> drivers = new ArrayList<>();
  final List<CallEnd> ends = new ArrayList<>();
  final List<About> abouts = new ArrayList<>();

  /** How many scopes are open at the moment. */
  int open;

  /** How many there were. */
  int entered;

  @Override
  public CallTrace began(Optional<String> traceparent) {
    began.add(traceparent);
    return this;
  }

  @Override
  public String traceparent() {
    return PARENT;
  }

  @Override
  public String traceId() {
    return "0af7651916cd43dd8448eb211c80319c";
  }

  @Override
  public Scope enter() {
    entered++;
    open++;
    return () -> open--;
  }

  @Override
  public void inDriver(String scheme, Runnable work) {
    drivers.add(scheme);
    work.run();
  }

  @Override
  public void ended(CallEnd end, About about) {
    ends.add(end);
    abouts.add(about);
  }
}
