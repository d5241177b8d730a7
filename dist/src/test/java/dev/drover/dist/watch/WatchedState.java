package dev.drover.dist.watch;

import dev.drover.v1.Domain;
import dev.drover.v1.Event;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.Resync;
import dev.drover.v1.Snapshot;
import dev.drover.v1.WatchResponse;
import dev.drover.v1.WatchedObject;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What a client knows that believes nothing but its watch. */
final class WatchedState {

  private final TreeMap<String, Domain> domains = new TreeMap<>();
  private final TreeMap<String, Job> jobs = new TreeMap<>();
  private final TreeMap<String, Snapshot> snapshots = new TreeMap<>();
  private final List<Told> told = new ArrayList<>();
  private final List<Resync> resyncs = new ArrayList<>();

  /**
   * An event, without the object.
   *
   * @param revision its revision
   * @param kind what happened
   * @param object what it happened to
   */
  record Told(long revision, EventKind kind, String object) {}

  synchronized void apply(WatchResponse message) {
    switch (message.getMessageCase()) {
      case RESYNC -> {
        resyncs.add(message.getResync());
        domains.clear();
        jobs.clear();
        snapshots.clear();
      }
      case EXISTING -> put(message.getExisting());
      case EVENT -> apply(message.getRevision(), message.getEvent());
      case BOOKMARK, MESSAGE_NOT_SET -> {}
    }
  }

  private void apply(long revision, Event event) {
    WatchedObject object = event.getObject();
    // Of a job's progress only the newest is held for who looks away, so that two clients may
    // differ.
    if (event.getKind() != EventKind.EVENT_KIND_JOB_PROGRESSED) {
      told.add(new Told(revision, event.getKind(), key(object)));
    }
    switch (event.getKind()) {
      case EVENT_KIND_DOMAIN_REMOVED -> domains.remove(key(object));
      case EVENT_KIND_SNAPSHOT_REMOVED -> snapshots.remove(key(object));
      default -> put(object);
    }
  }

  private void put(WatchedObject object) {
    switch (object.getObjectCase()) {
      case DOMAIN -> domains.put(key(object), object.getDomain());
      case JOB -> jobs.put(key(object), object.getJob());
      case SNAPSHOT -> snapshots.put(key(object), object.getSnapshot());
      case OBJECT_NOT_SET -> throw new IllegalStateException("a message without its object");
    }
  }

  private static String key(WatchedObject object) {
    return switch (object.getObjectCase()) {
      case DOMAIN -> object.getDomain().getSpec().getUuid();
      case JOB -> object.getJob().getId();
      case SNAPSHOT -> object.getSnapshot().getDomainUuid() + "/" + object.getSnapshot().getName();
      case OBJECT_NOT_SET -> throw new IllegalStateException("a message without its object");
    };
  }

  synchronized List<Domain> domains() {
    return List.copyOf(domains.values());
  }

  synchronized List<Job> jobs() {
    return List.copyOf(jobs.values());
  }

  synchronized List<Snapshot> snapshots() {
    return List.copyOf(snapshots.values());
  }

  /** Every event in the order in which it came, but for the progress of jobs. */
  synchronized List<Told> told() {
    return List.copyOf(told);
  }

  synchronized int count() {
    return told.size();
  }

  synchronized List<Resync> resyncs() {
    return List.copyOf(resyncs);
  }

  synchronized boolean knows(String name) {
    return domains.values().stream().anyMatch(domain -> domain.getSpec().getName().equals(name));
  }
}
