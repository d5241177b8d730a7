package dev.drover.server.ledger;

import com.google.protobuf.ByteString;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.v1.ErrorReason;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs a mutating call with a request id once (R7). The answer of a call that succeeded is kept;
 * who repeats the request gets it, also after a restart of the daemon. A call that failed left
 * nothing behind and may be repeated.
 */
public final class RequestLedger {

  private static final String COLLECTION = "answers";
  private static final int DIGEST_BYTES = 32;

  private final Store store;
  private final InstantSource clock;
  private final int most;
  private final Duration age;

  private final Object lock = new Object();
  private final LinkedHashMap<String, Known> answered = new LinkedHashMap<>();
  private final Map<String, Running> running = new HashMap<>();

  /**
   * Opens the ledger with what an earlier daemon recorded.
   *
   * @param most number of answers kept
   * @param age how long an answer is kept
   */
  public RequestLedger(Store store, InstantSource clock, int most, Duration age) {
    this.store = store;
    this.clock = clock;
    this.most = most;
    this.age = age;
    record Found(String key, Known known) {}
    store.list(COLLECTION).stream()
        .map(one -> new Found(one.key(), Answer.decode(one).known()))
        .sorted(Comparator.comparing(found -> found.known().time()))
        .forEach(found -> answered.put(found.key(), found.known()));
  }

  /**
   * Asks to run a request, waiting while the same one is being run by somebody else.
   *
   * @param key who calls what with which request id
   * @param request the request in its deterministic form
   * @param deadline end of the wait
   * @return the answer to give, or the permit to run; the permit must be settled
   * @throws DriverException REQUEST_ID_REUSED, DEADLINE_EXCEEDED
   */
  public Entry enter(RequestKey key, ByteString request, Instant deadline) {
    ByteString digest = Digest.sha256(request);
    while (true) {
      CompletableFuture<Void> other;
      synchronized (lock) {
        Known known = answered.get(key.text());
        Running now = running.get(key.text());
        if (known != null && !known.time().plus(age).isBefore(clock.instant())) {
          same(key, digest, known.digest());
          other = CompletableFuture.completedFuture(null);
        } else if (now != null) {
          same(key, digest, now.digest());
          other = now.end();
        } else {
          Running mine = new Running(digest, new CompletableFuture<>());
          running.put(key.text(), mine);
          return new Entry.Permit(this, key.text(), mine);
        }
      }
      if (!other.isDone()) {
        await(other, key, deadline);
      }
      Optional<ByteString> response =
          store
              .read(COLLECTION, key.text())
              .map(content -> Answer.decode(new StoreRecord(key.text(), content)))
              .filter(answer -> answer.digest().equals(digest))
              .map(Answer::response);
      if (response.isPresent()) {
        return new Entry.Answered(response.get());
      }
    }
  }

  private static void same(RequestKey key, ByteString digest, ByteString before) {
    if (!digest.equals(before)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_REQUEST_ID_REUSED,
          "request_id "
              + key.requestId()
              + " was used before with a different request; make a new id for each request",
          "request_id",
          key.requestId());
    }
  }

  private void await(CompletableFuture<Void> other, RequestKey key, Instant deadline) {
    long nanos = Math.max(0, Duration.between(clock.instant(), deadline).toNanos());
    try {
      other.get(nanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
          "the same request is still being run for request_id " + key.requestId(),
          "request_id",
          key.requestId());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DriverException.causedBy(
          e, ErrorReason.ERROR_REASON_DAEMON_STOPPING, "the daemon is stopping; connect again");
    } catch (ExecutionException e) {
      throw new IllegalStateException("a run never ends exceptionally", e);
    }
  }

  private void succeeded(String key, Running run, ByteString response) {
    Instant now = clock.instant();
    try {
      List<String> old;
      synchronized (lock) {
        old = outdated(now);
        old.forEach(answered::remove);
      }
      store.transact(
          changes -> {
            old.forEach(one -> changes.delete(COLLECTION, one));
            changes.put(COLLECTION, key, new Answer(run.digest(), now, response).encode());
          });
      synchronized (lock) {
        answered.remove(key);
        answered.put(key, new Known(run.digest(), now));
      }
    } finally {
      ended(key, run);
    }
  }

  private List<String> outdated(Instant now) {
    List<String> old = new ArrayList<>();
    Iterator<Map.Entry<String, Known>> oldest = answered.entrySet().iterator();
    int excess = answered.size() + 1 - most;
    while (oldest.hasNext()) {
      Map.Entry<String, Known> entry = oldest.next();
      if (old.size() >= excess && !entry.getValue().time().plus(age).isBefore(now)) {
        break;
      }
      old.add(entry.getKey());
    }
    return old;
  }

  private void ended(String key, Running run) {
    synchronized (lock) {
      running.remove(key);
    }
    run.end().complete(null);
  }

  /** What {@link #enter} answers. */
  public sealed interface Entry {

    /**
     * The request has run; this is its answer.
     *
     * @param response the response message
     */
    record Answered(ByteString response) implements Entry {}

    /** The request is to be run now, and others wait until it is settled. */
    final class Permit implements Entry {

      private final RequestLedger ledger;
      private final String key;
      private final Running run;

      private Permit(RequestLedger ledger, String key, Running run) {
        this.ledger = ledger;
        this.key = key;
        this.run = run;
      }

      /**
       * Records the answer.
       *
       * @throws DriverException STATE_NOT_WRITABLE or NO_SPACE; the request has run all the same
       */
      public void succeeded(ByteString response) {
        ledger.succeeded(key, run, response);
      }

      /** Lets the next one run: the request failed. */
      public void failed() {
        ledger.ended(key, run);
      }
    }
  }

  /** A request that is being run. */
  private record Running(ByteString digest, CompletableFuture<Void> end) {}

  /** What is in memory of a recorded answer. */
  private record Known(ByteString digest, Instant time) {}

  /** A recorded answer. */
  private record Answer(ByteString digest, Instant time, ByteString response) {

    Known known() {
      return new Known(digest, time);
    }

    ByteString encode() {
      ByteBuffer head = ByteBuffer.allocate(Long.BYTES).putLong(time.toEpochMilli()).flip();
      return digest.concat(ByteString.copyFrom(head)).concat(response);
    }

    static Answer decode(StoreRecord stored) {
      ByteString content = stored.content();
      int responseAt = DIGEST_BYTES + Long.BYTES;
      long millis = content.substring(DIGEST_BYTES, responseAt).asReadOnlyByteBuffer().getLong();
      return new Answer(
          content.substring(0, DIGEST_BYTES),
          Instant.ofEpochMilli(millis),
          content.substring(responseAt));
    }
  }
}
