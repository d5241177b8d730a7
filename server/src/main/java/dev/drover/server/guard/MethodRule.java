package dev.drover.server.guard;

import dev.drover.v1.Effect;

/**
 * What is known about a method before a call of it is looked at, taken from its options in the API.
 *
 * @param method full name, for example {@code drover.v1.DomainService/StartDomain}
 * @param service full name of its service
 * @param permission what the caller needs
 * @param effect what it may change
 * @param streaming true where it answers more than once
 * @param drover true for a method of Drover's own API, whose requests are guarded too; false for
 *     the standard services beside it
 */
public record MethodRule(
    String method,
    String service,
    String permission,
    Effect effect,
    boolean streaming,
    boolean drover) {

  private static final String WAIT_JOB = "drover.v1.JobService/WaitJob";

  /** Whether a call lasts as long as its client wants: a stream, or a wait for a job. */
  public boolean endless() {
    return streaming || method.equals(WAIT_JOB);
  }

  /** Whether a call may change something. */
  public boolean mutates() {
    return effect != Effect.EFFECT_READS;
  }
}
