package dev.drover.client;

import dev.drover.v1.Bookmark;
import dev.drover.v1.Domain;
import dev.drover.v1.Event;
import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.Resync;
import dev.drover.v1.ResyncReason;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import dev.drover.v1.WatchedObject;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A log of events with revisions. The state consists of two domains; a test may break it off after
 * the first.
 */
public final class FakeEvents extends EventServiceGrpc.EventServiceImplBase {
  private final List<WatchResponse> log = new ArrayList<>();
  private final List<StreamObserver<WatchResponse>> watchers = new ArrayList<>();
  private long revision = 10;
  private boolean breakState;

  /** Watches that were asked for. */
  public final List<WatchRequest> requests = new CopyOnWriteArrayList<>();

  /** Adds an event and tells the watchers; answers its revision. */
  public synchronized long publish(Event event) {
    revision++;
    WatchResponse message =
        WatchResponse.newBuilder().setRevision(revision).setEvent(event).build();
    log.add(message);
    watchers.forEach(watcher -> watcher.onNext(message));
    return revision;
  }

  /** Lets the next stream stop in the middle of the state. */
  public synchronized void breakNextState() {
    breakState = true;
  }

  /** The number of streams that watch. */
  public synchronized int watchers() {
    return watchers.size();
  }

  /** Tells the watchers that they were too slow. */
  public synchronized void resyncAll() {
    watchers.forEach(watcher -> sendState(watcher, ResyncReason.RESYNC_REASON_SLOW_CONSUMER));
  }

  private synchronized void forget(StreamObserver<WatchResponse> watcher) {
    watchers.remove(watcher);
  }

  synchronized void forgetWatchers() {
    watchers.clear();
  }

  @Override
  public synchronized void watch(WatchRequest request, StreamObserver<WatchResponse> response) {
    requests.add(request);
    if (request.getResumeRevision() > 0) {
      log.stream()
          .filter(message -> message.getRevision() > request.getResumeRevision())
          .forEach(response::onNext);
    } else if (request.getLiveOnly()) {
      response.onNext(
          WatchResponse.newBuilder()
              .setRevision(revision)
              .setBookmark(Bookmark.getDefaultInstance())
              .build());
    } else {
      sendState(response, ResyncReason.RESYNC_REASON_INITIAL);
    }
    watchers.add(response);
    ((ServerCallStreamObserver<WatchResponse>) response).setOnCancelHandler(() -> forget(response));
  }

  private void sendState(StreamObserver<WatchResponse> response, ResyncReason reason) {
    response.onNext(
        WatchResponse.newBuilder()
            .setRevision(revision)
            .setResync(Resync.newBuilder().setReason(reason))
            .build());
    response.onNext(existing());
    if (breakState) {
      breakState = false;
      return;
    }
    response.onNext(existing());
    response.onNext(
        WatchResponse.newBuilder()
            .setRevision(revision)
            .setBookmark(Bookmark.newBuilder().setStateComplete(true))
            .build());
  }

  private WatchResponse existing() {
    return WatchResponse.newBuilder()
        .setRevision(revision)
        .setExisting(WatchedObject.newBuilder().setDomain(Domain.getDefaultInstance()))
        .build();
  }
}
