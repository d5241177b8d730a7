package dev.drover.qemu.qmp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;

/** Events that a test lets happen, as a subscription gets them from a connection. */
public final class EventFeed {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final EventSubscription subscription =
      new EventSubscription(_ -> true, 16, () -> {}, _ -> {});

  /** What a consumer fetches them from. */
  public EventSubscription subscription() {
    return subscription;
  }

  /** A job changes its state. */
  public void moves(String jobId, String status) {
    occurs("JOB_STATUS_CHANGE", "{\"id\": \"%s\", \"status\": \"%s\"}".formatted(jobId, status));
  }

  /** Something happens. */
  public void occurs(String event, String data) {
    try {
      subscription.offer(new QmpEvent(event, JSON.readTree(data), Optional.empty()));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the test's event is not JSON", e);
    }
  }

  /** The connection ends. */
  public void ends() {
    subscription.disconnected("QEMU closed the connection");
  }
}
