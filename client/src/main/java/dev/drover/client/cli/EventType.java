package dev.drover.client.cli;

import dev.drover.v1.Domain;
import dev.drover.v1.Event;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.WatchType;
import dev.drover.v1.WatchedObject;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The types of events a person can ask for, in virsh's words where virsh has one. */
enum EventType {
  /** A domain was defined, started, stopped and so on. */
  LIFECYCLE("lifecycle", WatchType.WATCH_TYPE_DOMAIN),
  /** Something else about a domain changed, or the domain is gone. */
  DOMAIN_CHANGE("domain-change", WatchType.WATCH_TYPE_DOMAIN),
  /** A job came into another state. */
  BLOCK_JOB("block-job", WatchType.WATCH_TYPE_JOB),
  /** A job came further; there are many of these. */
  JOB_PROGRESS("job-progress", WatchType.WATCH_TYPE_JOB),
  /** A snapshot was made, removed or changed. */
  SNAPSHOT("snapshot", WatchType.WATCH_TYPE_SNAPSHOT);

  /** virsh's second form of the same event. */
  private static final String BLOCK_JOB_2 = "block-job-2";

  private final String word;
  private final WatchType watched;

  EventType(String word, WatchType watched) {
    this.word = word;
    this.watched = watched;
  }

  String word() {
    return word;
  }

  WatchType watched() {
    return watched;
  }

  static String allWords() {
    return Arrays.stream(values()).map(EventType::word).collect(Collectors.joining(", "));
  }

  static Optional<EventType> named(String word) {
    String known = word.equals(BLOCK_JOB_2) ? BLOCK_JOB.word : word;
    return Arrays.stream(values()).filter(type -> type.word.equals(known)).findFirst();
  }

  /** Empty for kinds newer than this client. */
  static Optional<EventType> of(EventKind kind) {
    return switch (kind) {
      case EVENT_KIND_DOMAIN_DEFINED,
          EVENT_KIND_DOMAIN_UNDEFINED,
          EVENT_KIND_DOMAIN_STARTED,
          EVENT_KIND_DOMAIN_SUSPENDED,
          EVENT_KIND_DOMAIN_RESUMED,
          EVENT_KIND_DOMAIN_SHUTDOWN,
          EVENT_KIND_DOMAIN_STOPPED,
          EVENT_KIND_DOMAIN_CRASHED,
          EVENT_KIND_DOMAIN_REBOOTED ->
          Optional.of(LIFECYCLE);
      case EVENT_KIND_DOMAIN_UPDATED, EVENT_KIND_DOMAIN_REMOVED -> Optional.of(DOMAIN_CHANGE);
      case EVENT_KIND_JOB_CREATED, EVENT_KIND_JOB_STATE_CHANGED -> Optional.of(BLOCK_JOB);
      case EVENT_KIND_JOB_PROGRESSED -> Optional.of(JOB_PROGRESS);
      case EVENT_KIND_SNAPSHOT_CREATED, EVENT_KIND_SNAPSHOT_REMOVED, EVENT_KIND_SNAPSHOT_UPDATED ->
          Optional.of(SNAPSHOT);
      case EVENT_KIND_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  /** Name of the domain an event concerns. */
  static String domainName(WatchedObject object) {
    return switch (object.getObjectCase()) {
      case DOMAIN -> object.getDomain().getSpec().getName();
      case JOB -> object.getJob().getDomainName();
      case SNAPSHOT -> object.getSnapshot().getDomainName();
      case OBJECT_NOT_SET -> "-";
    };
  }

  /** What happened, for people. */
  static String words(Event event) {
    WatchedObject object = event.getObject();
    return switch (object.getObjectCase()) {
      case DOMAIN -> domain(event.getKind(), object.getDomain());
      case JOB -> job(object.getJob());
      case SNAPSHOT ->
          "Snapshot %s %s".formatted(object.getSnapshot().getName(), last(event.getKind()));
      case OBJECT_NOT_SET -> last(event.getKind());
    };
  }

  private static String domain(EventKind kind, Domain domain) {
    String what = last(kind);
    return capital(what) + " " + capital(Texts.reason(domain.getStatus().getReason()));
  }

  private static String job(Job job) {
    String what =
        switch (job.getState()) {
          case JOB_STATE_SUCCEEDED -> "completed";
          case JOB_STATE_CANCELLED -> "canceled";
          case JOB_STATE_RUNNING ->
              job.getProgress().getTotalBytes() == 0
                  ? "running"
                  : "running, " + Texts.percentage(Texts.percent(job)).strip();
          case JOB_STATE_PENDING,
              JOB_STATE_READY,
              JOB_STATE_PIVOTING,
              JOB_STATE_CANCELLING,
              JOB_STATE_FINALIZING,
              JOB_STATE_FAILED,
              JOB_STATE_UNSPECIFIED,
              UNRECOGNIZED ->
              Texts.state(job.getState());
        };
    String words = "%s for %s %s".formatted(Texts.kind(job.getKind()), job.getDisk(), what);
    return job.getState() == JobState.JOB_STATE_FAILED
        ? words + ": " + job.getError().getMessage()
        : words;
  }

  /** "EVENT_KIND_DOMAIN_STARTED" ends in what happened. */
  private static String last(EventKind kind) {
    String name = kind.name();
    return name.substring(name.lastIndexOf('_') + 1).toLowerCase(Locale.ROOT);
  }

  private static String capital(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }
}
