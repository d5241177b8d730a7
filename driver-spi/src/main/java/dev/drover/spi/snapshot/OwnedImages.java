package dev.drover.spi.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The durable register of the images that Drover has made for snapshots and reverts. What is not in
 * it was made by somebody else and is never removed by a deletion (R3).
 */
public final class OwnedImages {

  private static final String COLLECTION = "owned-images";

  /** How disks came off or onto them, apart: it changes with disks, and the rest never. */
  private static final String USES = "image-uses";

  private static final byte SEPARATOR = '\n';

  private final Store store;

  OwnedImages(Store store) {
    this.store = store;
  }

  /** The images of a domain, by path. */
  public List<OwnedImage> list(String domainUuid) {
    Map<String, ImageUse> uses = uses();
    return store.list(COLLECTION).stream()
        .filter(stored -> stored.key().startsWith(domainUuid + "/"))
        .map(stored -> decode(stored, uses))
        .sorted(Comparator.comparing(owned -> owned.image().getPath()))
        .toList();
  }

  /** The images of every domain. */
  public List<OwnedImage> listAll() {
    Map<String, ImageUse> uses = uses();
    return store.list(COLLECTION).stream().map(stored -> decode(stored, uses)).toList();
  }

  private Map<String, ImageUse> uses() {
    return store.list(USES).stream()
        .collect(
            Collectors.toMap(
                StoreRecord::key, stored -> ImageUse.valueOf(stored.content().toStringUtf8())));
  }

  /** Notes that an image was made, in the step that makes it part of the domain. */
  public void add(StoreTransaction transaction, OwnedImage owned) {
    byte[] head = (owned.disk() + "\n" + owned.identity() + "\n").getBytes(StandardCharsets.UTF_8);
    String key = key(owned.domainUuid(), owned.image().getPath());
    transaction.put(
        COLLECTION, key, ByteString.copyFrom(head).concat(owned.image().toByteString()));
    transaction.delete(USES, key);
  }

  /**
   * Notes that Drover moves disks off images, in the step that does so; those of others are let be.
   */
  public void leave(StoreTransaction transaction, String domainUuid, Collection<String> paths) {
    paths.forEach(path -> use(transaction, domainUuid, path, ImageUse.LEFT));
  }

  /** Notes that disks go on in images that were there, in the step that puts them there. */
  public void take(StoreTransaction transaction, String domainUuid, Collection<String> paths) {
    paths.forEach(path -> use(transaction, domainUuid, path, ImageUse.TAKEN));
  }

  private void use(StoreTransaction transaction, String domainUuid, String path, ImageUse use) {
    String key = key(domainUuid, path);
    if (store.read(COLLECTION, key).isPresent()) {
      transaction.put(USES, key, ByteString.copyFromUtf8(use.name()));
    }
  }

  /** Notes that a definition puts disks onto images, for whichever domain those were made. */
  public void define(StoreTransaction transaction, DomainSpec spec) {
    named(spec)
        .forEach(key -> transaction.put(USES, key, ByteString.copyFromUtf8(ImageUse.TAKEN.name())));
  }

  /** The same in a transaction of its own, where there is anything to note. */
  public void define(DomainSpec spec) {
    if (!named(spec).isEmpty()) {
      store.transact(transaction -> define(transaction, spec));
    }
  }

  /**
   * Notes that guests are about to write to images that Drover has moved disks off: whoever put a
   * disk back onto one did so under another path than it was made under, as a symbolic link is.
   *
   * @param written whether a guest is about to write to an image
   */
  public void goOn(Predicate<OwnedImage> written) {
    List<String> back =
        listAll().stream()
            .filter(owned -> owned.use() == ImageUse.LEFT)
            .filter(written)
            .map(owned -> key(owned.domainUuid(), owned.image().getPath()))
            .toList();
    if (!back.isEmpty()) {
      store.transact(
          transaction ->
              back.forEach(
                  key ->
                      transaction.put(USES, key, ByteString.copyFromUtf8(ImageUse.TAKEN.name()))));
    }
  }

  private List<String> named(DomainSpec spec) {
    Set<String> sources =
        spec.getDisksList().stream()
            .map(Disk::getSource)
            .map(Image::getPath)
            .map(OwnedImages::spelled)
            .collect(Collectors.toSet());
    return store.list(COLLECTION).stream()
        .map(StoreRecord::key)
        .filter(key -> sources.contains(spelled(path(key))))
        .toList();
  }

  /** Forgets an image, which is gone or not Drover's concern any more. */
  public void remove(StoreTransaction transaction, String domainUuid, String path) {
    transaction.delete(COLLECTION, key(domainUuid, path));
    transaction.delete(USES, key(domainUuid, path));
  }

  private static OwnedImage decode(StoreRecord stored, Map<String, ImageUse> uses) {
    String key = stored.key();
    ByteString content = stored.content();
    int disk = end(content, 0);
    int identity = end(content, disk + 1);
    try {
      return new OwnedImage(
          key.substring(0, key.indexOf('/')),
          content.substring(0, disk).toStringUtf8(),
          Image.parseFrom(content.substring(identity + 1)),
          content.substring(disk + 1, identity).toStringUtf8(),
          uses.getOrDefault(key, ImageUse.UNKNOWN));
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

  /** A path in the one spelling that needs no look at the host. */
  private static String spelled(String path) {
    return Path.of(path).normalize().toString();
  }

  private static String path(String key) {
    return key.substring(key.indexOf('/') + 1);
  }
}
