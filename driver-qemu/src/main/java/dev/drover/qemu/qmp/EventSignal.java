package dev.drover.qemu.qmp;

/** What a subscription delivers: events, and then exactly one reason why there are no more. */
public sealed interface EventSignal {

  /**
   * An event that passed the filter.
   *
   * @param event the event
   */
  record Occurred(QmpEvent event) implements EventSignal {}

  /** After this nothing more is delivered. */
  sealed interface Terminal extends EventSignal {}

  /**
   * The consumer was too slow; events from here on are lost. Look at QEMU's state and subscribe
   * again.
   *
   * @param capacity how many events could wait
   */
  record Overflowed(int capacity) implements Terminal {}

  /**
   * The connection ended; events may have been lost.
   *
   * @param reason why it ended
   */
  record Disconnected(String reason) implements Terminal {}

  /** The subscriber closed the subscription. */
  record Closed() implements Terminal {}
}
