package dev.drover.spi.event;

/**
 * Where drivers tell what happened. Publishing never blocks and never fails; it is done after the
 * model has changed, so that who hears of it and looks sees at least that change (R6).
 */
@FunctionalInterface
public interface EventSink {

  /** Tells one event. */
  void publish(DriverEvent event);
}
