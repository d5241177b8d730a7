package dev.drover.server.watch;

import java.util.ArrayList;
import java.util.List;

/** What a stream has to let go of when it ends, also where it ends while it is being set up. */
final class Attachments {

  private final List<Runnable> releases = new ArrayList<>();
  private boolean closed;

  /** Adds something to let go of; at once where the stream has ended already. */
  void add(Runnable release) {
    synchronized (releases) {
      if (!closed) {
        releases.add(release);
        return;
      }
    }
    release.run();
  }

  /** Lets go of everything. */
  void close() {
    List<Runnable> all;
    synchronized (releases) {
      closed = true;
      all = List.copyOf(releases);
      releases.clear();
    }
    all.forEach(Runnable::run);
  }
}
