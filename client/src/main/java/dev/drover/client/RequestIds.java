package dev.drover.client;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Gives mutating requests an id, so that a call repeated after a broken connection runs once (R7).
 */
final class RequestIds {
  private static final String FIELD = "request_id";

  private RequestIds() {}

  /** The request itself, or a copy with a fresh id where it has room for one and none was given. */
  static <Q extends Message> Q ensure(Q request) {
    @Nullable FieldDescriptor field = request.getDescriptorForType().findFieldByName(FIELD);
    if (field == null || !request.getField(field).equals("")) {
      return request;
    }
    @SuppressWarnings("unchecked") // A builder builds its own message type.
    Q identified = (Q) request.toBuilder().setField(field, UUID.randomUUID().toString()).build();
    return identified;
  }

  /** True where the daemon can tell a repetition from a new request. */
  static boolean present(Message request) {
    @Nullable FieldDescriptor field = request.getDescriptorForType().findFieldByName(FIELD);
    return field != null && !request.getField(field).equals("");
  }
}
