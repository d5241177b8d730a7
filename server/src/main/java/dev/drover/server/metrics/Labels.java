package dev.drover.server.metrics;

import dev.drover.v1.DomainState;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import java.util.Locale;

/** Values of the API as labels: without the name of their enum, in lower case. */
final class Labels {

  private Labels() {}

  static String of(DomainState state) {
    return label(state.name(), "DOMAIN_STATE_");
  }

  static String of(JobState state) {
    return label(state.name(), "JOB_STATE_");
  }

  static String of(JobKind kind) {
    return label(kind.name(), "JOB_KIND_");
  }

  private static String label(String name, String prefix) {
    return name.substring(name.startsWith(prefix) ? prefix.length() : 0).toLowerCase(Locale.ROOT);
  }
}
