package dev.drover.spi.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Image;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;

/**
 * The durable register of the images that Drover has made for snapshots and reverts. What is not in
 * it was made by somebody else and is never removed by a deletion (R3).
 */
public final class OwnedImages {

  private static final String COLLECTION = "owned-images";
  private static final byte SEPARATOR = '\n';

  private final Store store;

  OwnedImages(Store store) {
    this.store = store;
  }

  /** The images of a domain, by path. */
  public List<OwnedImage> list(String domainUuid) {
    return store.list(COLLECTION).stream()
        .filter(stored -> stored.key().startsWith(domainUuid + "/"))
        .map(stored -> decode(domainUuid, stored.key(), stored.content()))
        .sorted(Comparator.comparing(owned -> owned.image().getPath()))
        .toList();
  }

  /** The images of every domain. */
  public List<OwnedImage> listAll() {
    return store.list(COLLECTION).stream()
        .map(
            stored ->
                decode(
                    stored.key().substring(0, stored.key().indexOf('/')),
                    stored.key(),
                    stored.content()))
        .toList();
  }

  /** Notes that an image was made, in the step that makes it part of the domain. */
  public void add(StoreTransaction transaction, OwnedImage owned) {
    byte[] head = (owned.disk() + "\n" + owned.identity() + "\n").getBytes(StandardCharsets.UTF_8);
    transaction.put(
        COLLECTION,
        key(owned.domainUuid(), owned.image().getPath()),
        ByteString.copyFrom(head).concat(owned.image().toByteString()));
  }

  /** Forgets an image, which is gone or not Drover's concern any more. */
  public void remove(StoreTransaction transaction, String domainUuid, String path) {
    transaction.delete(COLLECTION, key(domainUuid, path));
  }

  private static OwnedImage decode(String domainUuid, String key, ByteString content) {
    int disk = end(content, 0);
    int identity = end(content, disk + 1);
    try {
      return new OwnedImage(
          domainUuid,
          content.substring(0, disk).toStringUtf8(),
          Image.parseFrom(content.substring(identity + 1)),
          content.substring(disk + 1, identity).toStringUtf8());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("owned image " + key + " is unreadable", e);
    }
  }

  private static int end(ByteString content, int from) {
    int at = from;
    while (content.byteAt(at) != SEPARATOR) {
      at++;
    }
    return at;
  }

  private static String key(String domainUuid, String path) {
    return domainUuid + "/" + path;
  }
}
