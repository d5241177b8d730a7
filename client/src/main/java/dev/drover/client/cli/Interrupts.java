package dev.drover.client.cli;

import org.jline.utils.Signals;

/** Where Ctrl-C is heard of. */
interface Interrupts {
  /**
   * Runs the action at the next Ctrl-C instead of ending the process, until the registration is
   * closed.
   */
  Registration onInterrupt(Runnable action);

  /** An action waiting for Ctrl-C. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /** SIGINT of this process. The second one ends the process as usual. */
  static Interrupts ofProcess() {
    return action -> {
      Object previous =
          Signals.register(
              "INT",
              () -> {
                Signals.registerDefault("INT");
                action.run();
              });
      return () -> Signals.unregister("INT", previous);
    };
  }
}
