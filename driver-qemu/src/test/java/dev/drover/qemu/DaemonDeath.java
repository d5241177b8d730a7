package dev.drover.qemu;

/**
 * What a thread of a daemon that is dead in a test runs into when it would write. An error, so that
 * nothing that is done about failures is done by the dead.
 */
public final class DaemonDeath extends Error {

  private static final long serialVersionUID = 1L;

  /** Without a stack trace: it is no failure of who runs into it. */
  public DaemonDeath() {
    super("this daemon is dead in this test", null, false, false);
  }
}
