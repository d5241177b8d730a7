package dev.drover.conformance;

/**
 * Ends a case that would show something which the daemon's configuration puts out of a case's
 * reach, such as a limit of a day. It never counts as passed.
 */
public final class OutOfReach extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Says what is out of reach, for people. */
  public OutOfReach(String what) {
    super(what);
  }
}
