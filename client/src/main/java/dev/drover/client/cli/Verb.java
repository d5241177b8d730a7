package dev.drover.client.cli;

import dev.drover.client.DomainHandle;
import dev.drover.client.Drover;
import dev.drover.v1.Domain;
import java.util.concurrent.Callable;

/**
 * A command. Each run has its own object; picocli fills the options before {@link #run} is called.
 */
abstract class Verb implements Callable<Integer> {
  private final Session session;

  Verb(Session session) {
    this.session = session;
  }

  /** Does the work; a failure is thrown. */
  abstract void run();

  /** First line of the error where a call fails: what could not be done. */
  abstract String failure();

  /** Exit code of a run that did not fail: 1 where the answer itself is a no. */
  int exitCode() {
    return 0;
  }

  @Override
  public final Integer call() {
    run();
    output().finish();
    return exitCode();
  }

  final Session session() {
    return session;
  }

  final Drover drover() {
    return session.drover();
  }

  final Output output() {
    return session.output();
  }

  /** A domain by name, id or UUID. */
  final DomainHandle domain(String words) {
    return drover().domains().find(words);
  }

  /** Refuses two options where both are given. */
  static void exclusive(String one, boolean given, String other, boolean otherGiven) {
    if (given && otherGiven) {
      throw new CommandFailure("Options %s and %s are mutually exclusive".formatted(one, other));
    }
  }

  /** A domain's name as the daemon says it. */
  static String name(Domain domain) {
    return domain.getSpec().getName();
  }
}
