package dev.drover.conformance.tree;

import dev.drover.conformance.DiskContents;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One disk of a domain with all its images, block by block, and what each moment showed. What the
 * driver says it has done to images is done here, too, and refused where it must not have been.
 */
final class DiskModel implements ModelDisk {

  /** Blocks of a disk. */
  static final int BLOCKS = 8;

  private static final class Layer {
    private final Map<Integer, Integer> blocks = new TreeMap<>();
    private Optional<String> parent;

    Layer(Optional<String> parent) {
      this.parent = parent;
    }
  }

  /**
   * A moment of the disk.
   *
   * @param frozen path of the image that holds it
   * @param contents what it showed
   * @param lost whether a commit has gone into an image that it needs
   */
  record Moment(String frozen, DiskContents contents, boolean lost) {

    Moment in(String image) {
      return new Moment(image, contents, lost);
    }

    Moment gone() {
      return new Moment(frozen, contents, true);
    }
  }

  /** How a client's commit of the active image ends. */
  enum End {
    /** The disk goes on in the base. */
    PIVOT,
    /** The disk stays where it is. */
    KEEP,
    /** The disk stays where it is, and the job is cancelled when all is copied. */
    CANCEL
  }

  private final String target;
  private final Map<String, Layer> layers = new TreeMap<>();
  private final Map<String, Moment> moments = new TreeMap<>();
  private final Map<String, String> overlays = new TreeMap<>();
  private final Set<String> owned = new HashSet<>();
  private final Set<String> left = new HashSet<>();
  private final Set<String> removed = new TreeSet<>();
  private final Set<String> receiving = new HashSet<>();
  private final Set<String> leaving = new HashSet<>();
  private DiskContents shown;
  private String active;

  /** A disk on a chain of empty images, the base first. */
  DiskModel(String target, List<String> paths) {
    this.target = target;
    Optional<String> below = Optional.empty();
    for (String path : paths) {
      layers.put(path, new Layer(below));
      below = Optional.of(path);
    }
    this.active = paths.getLast();
    this.shown = view(active);
  }

  /** Puts a block into an image that nobody has open yet. */
  void put(String path, int block, int value) {
    layer(path).blocks.put(block, value);
    shown = view(active);
  }

  @Override
  public String target() {
    return target;
  }

  @Override
  public String active() {
    return active;
  }

  Map<String, Moment> moments() {
    return Collections.unmodifiableMap(moments);
  }

  /** Paths of the images that are there. */
  Set<String> images() {
    return Collections.unmodifiableSet(layers.keySet());
  }

  /** Paths where images were. */
  Set<String> removed() {
    return Collections.unmodifiableSet(removed);
  }

  /** The image below; empty for the lowest. */
  Optional<String> parent(String path) {
    return layer(path).parent;
  }

  /** The active image and all below it. */
  @Override
  public List<String> chain() {
    return chain(active);
  }

  /** What the guest sees. */
  DiskContents shown() {
    return shown;
  }

  /** What an image shows through its chain. */
  DiskContents view(String path) {
    Integer[] blocks = new Integer[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
      blocks[block] = block(path, block);
    }
    return new DiskContents(List.of(blocks));
  }

  private int block(String path, int block) {
    for (String layer : chain(path)) {
      Integer value = layer(layer).blocks.get(block);
      if (value != null) {
        return value;
      }
    }
    return 0;
  }

  private List<String> chain(String top) {
    List<String> chain = new ArrayList<>();
    Optional<String> next = Optional.of(top);
    while (next.isPresent()) {
      chain.add(next.get());
      next = layer(next.get()).parent;
    }
    return chain;
  }

  private Layer layer(String path) {
    Layer found = layers.get(path);
    if (found == null) {
      throw new AssertionError("image %s of %s is gone and needed".formatted(path, target));
    }
    return found;
  }

  void write(int block, int value) {
    layer(active).blocks.put(block, value);
    shown = view(active);
  }

  /**
   * Goes on in an overlay.
   *
   * @param ours whether Drover made it and has it on record
   */
  void freeze(String overlay, boolean ours) {
    add(overlay, active, ours);
  }

  /** Keeps the moment of the image below the active one, in which the disk was until now. */
  void keep(String snapshot) {
    moments.put(snapshot, new Moment(layer(active).parent.orElseThrow(), shown, false));
    overlays.put(snapshot, active);
  }

  void revert(String snapshot, String overlay) {
    Moment moment = moment(snapshot);
    if (moment.lost()) {
      throw new AssertionError("the lost moment %s was reverted to".formatted(snapshot));
    }
    add(overlay, moment.frozen(), true);
    shown = moment.contents();
  }

  private Moment moment(String snapshot) {
    Moment moment = moments.get(snapshot);
    if (moment == null) {
      throw new AssertionError("%s takes no part in %s".formatted(target, snapshot));
    }
    return moment;
  }

  /** A definition puts the disk onto another image, which may be one that nobody knew of. */
  void redefine(String image) {
    removed.remove(image);
    layers.putIfAbsent(image, new Layer(Optional.empty()));
    goOnIn(image);
    shown = view(active);
  }

  /**
   * Images onto which a definition can put the disk without writing into what others read or a
   * moment needs.
   */
  List<String> free() {
    Set<String> read = read();
    moments.values().forEach(moment -> read.add(moment.frozen()));
    return layers.keySet().stream()
        .filter(image -> !image.equals(active) && !read.contains(image))
        .toList();
  }

  private Set<String> read() {
    return layers.values().stream()
        .flatMap(layer -> layer.parent.stream())
        .collect(Collectors.toCollection(HashSet::new));
  }

  /** The disk is on another image, and nobody but a definition had it moved off this one. */
  private void goOnIn(String image) {
    left.remove(image);
    active = image;
  }

  private void add(String overlay, String below, boolean ours) {
    if (layers.containsKey(overlay)) {
      throw new AssertionError("overlay %s was there already".formatted(overlay));
    }
    layers.put(overlay, new Layer(Optional.of(below)));
    removed.remove(overlay);
    if (ours) {
      owned.add(overlay);
    }
    left.add(active);
    goOnIn(overlay);
  }

  /** Whether a commit has any block to move. */
  boolean moves(String top, String base) {
    List<String> chain = chain();
    return chain.subList(chain.indexOf(top), chain.indexOf(base)).stream()
        .anyMatch(path -> !layer(path).blocks.isEmpty());
  }

  /** A client's commit: the moment of the top moves, others that are read through the base go. */
  void commit(String top, String base, End end) {
    List<String> chain = chain();
    boolean activeTop = top.equals(active);
    boolean goesOn = end == End.PIVOT;
    boolean written = activeTop && goesOn;
    moments.replaceAll(
        (_, moment) -> {
          List<String> read = moment.lost() ? List.of() : chain(moment.frozen());
          boolean spoiled = read.contains(base) && (written || !read.contains(top));
          return spoiled ? moment.gone() : moment;
        });
    List<String> moved = chain.subList(chain.indexOf(top), chain.indexOf(base));
    moved.reversed().forEach(path -> layer(base).blocks.putAll(layer(path).blocks));
    if (!goesOn) {
      return;
    }
    if (activeTop) {
      left.add(active);
      goOnIn(base);
    } else {
      layer(chain.get(chain.indexOf(top) - 1)).parent = Optional.of(base);
    }
    moments.replaceAll((_, moment) -> moment.frozen().equals(top) ? moment.in(base) : moment);
    overlays.replaceAll((_, overlay) -> overlay.equals(top) ? base : overlay);
  }

  /** Files that a client's commit is to remove: those that something is read through stay. */
  void removeUnread(List<String> paths) {
    for (String path : paths) {
      boolean read =
          chain().contains(path)
              || moments.values().stream()
                  .filter(moment -> !moment.lost())
                  .anyMatch(moment -> chain(moment.frozen()).contains(path))
              || Stream.concat(owned.stream(), overlays.values().stream())
                  .filter(image -> !image.equals(path) && layers.containsKey(image))
                  .anyMatch(image -> chain(image).contains(path));
      if (!read) {
        forgetReaders(path);
        remove(path);
      }
    }
  }

  /** A client's pull into the active image; empty: of everything. */
  void pull(Optional<String> base) {
    pull(active, base);
  }

  private void pull(String into, Optional<String> base) {
    List<String> chain = chain(into);
    int end = base.map(chain::indexOf).orElse(chain.size());
    for (String path : chain.subList(1, end)) {
      layer(path).blocks.forEach(layer(into).blocks::putIfAbsent);
    }
    layer(into).parent = base;
  }

  /**
   * Images into which others are going to be merged: known until that is done, whosever they are.
   */
  void expect(Set<String> into) {
    receiving.clear();
    receiving.addAll(into);
  }

  /** A step of a deletion: images merged into the one below, and removed. */
  void mergeDown(List<String> images, String into) {
    List<String> above = chain().reversed();
    int place = above.indexOf(into);
    if (place < 0 || !above.subList(place + 1, place + 1 + images.size()).equals(images)) {
      throw new AssertionError(images + " is not what lies above " + into + " in " + above);
    }
    String top = images.getLast();
    images.forEach(path -> layer(into).blocks.putAll(layer(path).blocks));
    if (active.equals(top)) {
      left.add(active);
      goOnIn(into);
    } else {
      layer(chain().get(chain().indexOf(top) - 1)).parent = Optional.of(into);
    }
    moments.replaceAll((_, moment) -> moment.frozen().equals(top) ? moment.in(into) : moment);
    overlays.replaceAll((_, overlay) -> overlay.equals(top) ? into : overlay);
    images.reversed().forEach(this::removeOwned);
  }

  /** A step of a deletion: images merged into the one that reads them, and removed. */
  void mergeUp(List<String> images, String into) {
    List<String> below = chain(into);
    if (!below.subList(1, 1 + images.size()).equals(images.reversed())) {
      throw new AssertionError(images + " is not what lies below " + into + " in " + below);
    }
    pull(into, parent(images.getFirst()));
    images.reversed().forEach(this::removeOwned);
  }

  /** A step of a deletion: an image that nothing reads. */
  void removeOwned(String path) {
    if (!owned.contains(path)) {
      throw new AssertionError(path + " was not made by Drover");
    }
    if (!left.contains(path)) {
      throw new AssertionError(path + " is what the disk held last before a definition");
    }
    forgetReaders(path);
    for (Map.Entry<String, Layer> other : layers.entrySet()) {
      if (other.getValue().parent.filter(path::equals).isPresent()) {
        throw new AssertionError("%s reads %s, which is removed".formatted(other.getKey(), path));
      }
    }
    remove(path);
  }

  private void remove(String path) {
    layers.remove(path);
    owned.remove(path);
    left.remove(path);
    removed.add(path);
  }

  /** Lets moments go; their images, and the overlays that were made with them, are known on. */
  void letGo(Set<String> snapshots) {
    snapshots.stream()
        .flatMap(name -> Optional.ofNullable(moments.remove(name)).stream())
        .forEach(moment -> leaving.add(moment.frozen()));
  }

  void forget(Set<String> snapshots) {
    letGo(snapshots);
    leaving.clear();
    snapshots.forEach(overlays::remove);
  }

  /**
   * Forgets images of somebody else that no record names any more: nobody but their owner knows
   * that they read others.
   */
  void forgetStrangers() {
    Set<String> known = new HashSet<>(protectedImages());
    moments.values().stream()
        .map(Moment::frozen)
        .filter(layers::containsKey)
        .forEach(root -> known.addAll(chain(root)));
    layers.keySet().retainAll(known);
  }

  /**
   * Forgets images of somebody else that read an image which goes: a moment that is lost keeps none
   * of them, unless it is the one that is deleted.
   */
  private void forgetReaders(String path) {
    Set<String> known = protectedImages();
    List<String> readers =
        layers.keySet().stream()
            .filter(image -> !image.equals(path) && !known.contains(image))
            .filter(image -> chain(image).contains(path))
            .toList();
    readers.forEach(layers::remove);
  }

  /** What the disk, a moment that is not lost, an image of Drover's or a deletion depends on. */
  private Set<String> protectedImages() {
    Set<String> known = new HashSet<>();
    Stream.of(frozen(Set.of(active), Set.of()), owned, overlays.values(), receiving, leaving)
        .flatMap(Collection::stream)
        .filter(layers::containsKey)
        .forEach(root -> known.addAll(chain(root)));
    return known;
  }

  /**
   * Branches that a revert has left above a moment that stays: a deletion leaves them, for whoever
   * wants them.
   *
   * @param doomed names of the snapshots that go
   */
  Set<String> leftBranches(Set<String> doomed) {
    Set<String> read = read();
    Set<String> branches = new HashSet<>();
    for (String path : owned) {
      Optional<String> below = read.contains(path) ? Optional.empty() : momentBelow(path, doomed);
      if (below.isPresent() && frozen(Set.of(), doomed).contains(below.get())) {
        branches.add(path);
      }
    }
    return branches;
  }

  private Optional<String> momentBelow(String path, Set<String> doomed) {
    Set<String> all = new HashSet<>(frozen(Set.of(), doomed));
    moments.entrySet().stream()
        .filter(one -> doomed.contains(one.getKey()))
        .forEach(one -> all.add(one.getValue().frozen()));
    return chain(path).stream().filter(all::contains).findFirst();
  }

  private Set<String> frozen(Set<String> more, Set<String> without) {
    Set<String> frozen = new HashSet<>(more);
    moments.entrySet().stream()
        .filter(one -> !without.contains(one.getKey()) && !one.getValue().lost())
        .forEach(one -> frozen.add(one.getValue().frozen()));
    return frozen;
  }

  /**
   * Images that Drover made and has left, and that nothing needs: neither the disk, nor a moment
   * that is not lost, nor an image of somebody else or one that a definition took the disk off.
   *
   * @param branches what is to be left besides
   */
  Set<String> superfluous(Set<String> branches) {
    Set<String> roots = frozen(Set.of(active), Set.of());
    branches.stream().filter(layers::containsKey).forEach(roots::add);
    layers.keySet().stream()
        .filter(path -> !owned.contains(path) || !left.contains(path))
        .forEach(roots::add);
    Set<String> superfluous = new TreeSet<>(owned);
    roots.forEach(root -> superfluous.removeAll(chain(root)));
    return superfluous;
  }

  /** Every moment that is not lost, and the disk, show what they showed. */
  void requireNothingLost() {
    requireShows("the disk", active, shown);
    moments.forEach(
        (name, moment) -> {
          if (!moment.lost()) {
            requireShows(name, moment.frozen(), moment.contents());
          }
        });
  }

  private void requireShows(String what, String path, DiskContents expected) {
    DiskContents view = view(path);
    if (!view.equals(expected)) {
      throw new AssertionError(
          "%s of %s: %s shows %s instead of %s"
              .formatted(what, target, path, view.blocks(), expected.blocks()));
    }
  }
}
