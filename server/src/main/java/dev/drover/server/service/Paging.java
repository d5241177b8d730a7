package dev.drover.server.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.drover.server.ledger.Digest;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Cuts lists into pages. A page goes on after the last object of the page before, not at a number,
 * so that objects which come and go meanwhile make none appear twice or vanish.
 */
final class Paging {

  private static final int DEFAULT_SIZE = 100;

  /** Largest page. */
  static final int MOST = 1000;

  private static final int FINGERPRINT = 12;

  private Paging() {}

  /**
   * Place of an object in a list.
   *
   * @param order coarse place, smaller first
   * @param id place among equal ones, and what makes it unique
   */
  record Place(long order, String id) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      return Comparator.comparingLong(Place::order).thenComparing(Place::id).compare(this, other);
    }
  }

  /**
   * A page.
   *
   * @param items the objects
   * @param next token of the next page; empty: this is the last
   */
  record Page<T>(List<T> items, String next) {}

  /**
   * Cuts a page out of everything.
   *
   * @param filter what the list is a list of; a token is good for an equal filter alone
   * @throws DriverException PAGE_TOKEN_INVALID
   */
  static <T> Page<T> page(
      Collection<T> all, Function<T, Place> place, Message filter, int size, String token) {
    Optional<Place> after = decode(token, filter);
    List<T> rest =
        all.stream()
            .filter(one -> after.isEmpty() || place.apply(one).compareTo(after.get()) > 0)
            .sorted(Comparator.comparing(place))
            .toList();
    int most = size == 0 ? DEFAULT_SIZE : Math.min(size, MOST);
    if (rest.size() <= most) {
      return new Page<>(rest, "");
    }
    List<T> items = List.copyOf(rest.subList(0, most));
    return new Page<>(items, encode(place.apply(items.getLast()), filter));
  }

  private static String encode(Place place, Message filter) {
    byte[] id = place.id().getBytes(StandardCharsets.UTF_8);
    ByteBuffer token =
        ByteBuffer.allocate(FINGERPRINT + Long.BYTES + id.length)
            .put(fingerprint(filter).asReadOnlyByteBuffer())
            .putLong(place.order())
            .put(id);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token.array());
  }

  private static Optional<Place> decode(String token, Message filter) {
    if (token.isEmpty()) {
      return Optional.empty();
    }
    ByteString bytes;
    try {
      bytes = ByteString.copyFrom(Base64.getUrlDecoder().decode(token));
    } catch (IllegalArgumentException _) {
      throw invalid();
    }
    if (bytes.size() < FINGERPRINT + Long.BYTES
        || !bytes.substring(0, FINGERPRINT).equals(fingerprint(filter))) {
      throw invalid();
    }
    ByteString rest = bytes.substring(FINGERPRINT);
    return Optional.of(
        new Place(
            rest.asReadOnlyByteBuffer().getLong(), rest.substring(Long.BYTES).toStringUtf8()));
  }

  private static ByteString fingerprint(Message filter) {
    ByteString name = ByteString.copyFromUtf8(filter.getDescriptorForType().getFullName() + "\n");
    return Digest.sha256(name.concat(Digest.deterministic(filter))).substring(0, FINGERPRINT);
  }

  private static DriverException invalid() {
    return DriverException.of(
        ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID,
        "the page token is not one given for this list and filter; begin with the first page");
  }
}
