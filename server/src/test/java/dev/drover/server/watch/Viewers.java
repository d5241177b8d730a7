package dev.drover.server.watch;

import dev.drover.v1.Domain;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;

/** Viewers for tests. */
final class Viewers {

  /** One who may see everything. */
  static final Viewer ALL =
      new Viewer() {
        @Override
        public boolean sees(Domain domain) {
          return true;
        }

        @Override
        public boolean sees(Job job) {
          return true;
        }

        @Override
        public boolean sees(Snapshot snapshot) {
          return true;
        }

        @Override
        public Object scope() {
          return "all";
        }
      };

  private Viewers() {}
}
