package dev.drover.server.watch;

import dev.drover.v1.WatchedObject;
import java.util.Iterator;

/** Answers the objects that exist, for streams that begin with them. */
@FunctionalInterface
public interface WatchState {

  /** What a filter shows of what exists now; read from the driver's model, never blocking. */
  Iterator<WatchedObject> existing(WatchFilter filter);
}
