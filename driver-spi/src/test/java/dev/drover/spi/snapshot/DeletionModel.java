package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SnapshotStep;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One disk with snapshots, in a model that knows what each moment showed: what planned steps do to
 * images is done here block by block.
 */
final class DeletionModel {

  private static final class Layer {
    private final Optional<String> parent;
    private final Map<Integer, Integer> blocks = new TreeMap<>();

    Layer(Optional<String> parent) {
      this.parent = parent;
    }
  }

  private final Map<String, Layer> layers = new TreeMap<>();
  private final Map<String, String> frozen = new TreeMap<>();
  private final Map<String, Map<Integer, Integer>> moments = new TreeMap<>();
  private final Map<String, String> overlays = new TreeMap<>();
  private final Set<String> owned = new HashSet<>();
  private final Set<String> left = new HashSet<>();
  private final Map<String, Map<Integer, Integer>> takenOff = new TreeMap<>();
  private final Map<String, String> held = new TreeMap<>();
  private Map<Integer, Integer> shown = new TreeMap<>();
  private String active = "base";
  private int made;

  DeletionModel() {
    layers.put("base", new Layer(Optional.empty()));
  }

  void write(int block, int value) {
    layers.get(active).blocks.put(block, value);
    shown.put(block, value);
  }

  /** Makes a snapshot in a new overlay. */
  void snapshot(String name) {
    frozen.put(name, active);
    moments.put(name, new TreeMap<>(shown));
    overlay(active, true);
    overlays.put(name, active);
  }

  /** Goes on in an overlay that somebody else has made. */
  void snapshotInForeignOverlay(String name) {
    frozen.put(name, active);
    moments.put(name, new TreeMap<>(shown));
    overlay(active, false);
    overlays.put(name, active);
  }

  void revert(String name) {
    overlay(frozen.get(name), true);
    shown = new TreeMap<>(moments.get(name));
  }

  /**
   * Goes on in an image of the chain, as after a client's commit; the moments above it are lost.
   */
  void goOnIn(String image) {
    left.add(active);
    left.remove(image);
    active = image;
  }

  /** A definition puts the disk onto another image, which somebody else has made. */
  void redefine() {
    takenOff.put(active, new TreeMap<>(shown));
    made++;
    active = "given-%03d".formatted(made);
    layers.put(active, new Layer(Optional.empty()));
    shown = new TreeMap<>();
  }

  /** A definition puts the disk back onto an image that one has taken it off. */
  void redefine(String image) {
    takenOff.put(active, new TreeMap<>(shown));
    shown = new TreeMap<>(Optional.ofNullable(takenOff.remove(image)).orElseThrow());
    left.remove(image);
    active = image;
  }

  /** Images that hold what the disk held when a definition took it off, which no moment does. */
  List<String> takenOff() {
    return takenOff.keySet().stream()
        .filter(image -> !frozen.containsValue(image))
        .filter(
            image ->
                layers.values().stream()
                    .noneMatch(layer -> layer.parent.filter(image::equals).isPresent()))
        .toList();
  }

  private void overlay(String below, boolean ours) {
    left.add(active);
    made++;
    active = "overlay-%03d".formatted(made);
    layers.put(active, new Layer(Optional.of(below)));
    if (ours) {
      owned.add(active);
    }
  }

  /** Somebody else needs an image and what is below it. */
  void hold(String image) {
    chain(image).images().forEach(one -> held.put(one.getPath(), "another domain needs it"));
  }

  List<String> snapshots() {
    return List.copyOf(frozen.keySet());
  }

  Set<String> images() {
    return layers.keySet();
  }

  String active() {
    return active;
  }

  List<String> activeChain() {
    return chain(active).images().stream().map(ChainImage::getPath).toList();
  }

  List<SnapshotStep> plan(Set<String> names) {
    List<Chain> kept = new ArrayList<>();
    List<Chain> doomed = new ArrayList<>();
    frozen.forEach((name, image) -> (names.contains(name) ? doomed : kept).add(chain(image)));
    return DeletionPlanner.plan(
        new DiskDeletion(
            "vda",
            Optional.of(chain(active)),
            kept,
            doomed,
            Stream.concat(owned.stream().sorted(), given().stream()).map(this::chain).toList(),
            owned,
            left.stream().filter(owned::contains).collect(Collectors.toSet()),
            held));
  }

  /** Does what a plan says and forgets the snapshots. */
  void delete(Set<String> names) {
    List<SnapshotStep> steps = plan(names);
    names.forEach(frozen::remove);
    names.forEach(moments::remove);
    // What reads an image of theirs is known to nobody once the snapshot is gone that named it.
    takenOff.keySet().removeIf(image -> !owned.contains(image) && !given().contains(image));
    for (SnapshotStep step : steps) {
      List<String> images = step.getImagesList().stream().map(Image::getPath).toList();
      switch (step.getAction()) {
        case SNAPSHOT_ACTION_REMOVE -> {
          images.forEach(this::remove);
        }
        case SNAPSHOT_ACTION_COMMIT -> commit(images, step.getInto().getPath());
        case SNAPSHOT_ACTION_PULL -> pull(images, step.getInto().getPath());
        case SNAPSHOT_ACTION_KEEP -> {}
        case SNAPSHOT_ACTION_DISCARD, SNAPSHOT_ACTION_UNSPECIFIED, UNRECOGNIZED ->
            throw new IllegalStateException();
      }
    }
  }

  /** Overlays that a snapshot names and somebody else has made. */
  private List<String> given() {
    return frozen.keySet().stream().map(overlays::get).filter(layers::containsKey).toList();
  }

  private void commit(List<String> images, String into) {
    requireRun(images, into);
    String top = images.getLast();
    for (String image : images) {
      layers.get(into).blocks.putAll(layers.get(image).blocks);
    }
    replaceParent(top, Optional.of(into));
    frozen.replaceAll((_, image) -> image.equals(top) ? into : image);
    overlays.replaceAll((_, image) -> image.equals(top) ? into : image);
    if (active.equals(top)) {
      goOnIn(into);
    }
    images.reversed().forEach(this::remove);
  }

  /** Only the chain that the guest has open can be worked on. */
  private void requireRun(List<String> images, String into) {
    List<String> chain = activeChain().reversed();
    int place = chain.indexOf(into);
    if (place < 0 || !chain.subList(place + 1, place + 1 + images.size()).equals(images)) {
      throw new AssertionError(images + " is not what lies above " + into + " in " + chain);
    }
  }

  private void pull(List<String> images, String into) {
    List<String> chain = chain(into).images().stream().map(ChainImage::getPath).toList();
    if (!chain.subList(1, 1 + images.size()).equals(images.reversed())) {
      throw new AssertionError(images + " is not what lies below " + into + " in " + chain);
    }
    if (held.containsKey(into)) {
      throw new AssertionError(into + " is open elsewhere");
    }
    for (String image : images.reversed()) {
      layers.get(image).blocks.forEach(layers.get(into).blocks::putIfAbsent);
    }
    Layer pulled = new Layer(layers.get(images.getFirst()).parent);
    pulled.blocks.putAll(layers.get(into).blocks);
    layers.put(into, pulled);
    images.reversed().forEach(this::remove);
  }

  private void replaceParent(String from, Optional<String> to) {
    for (String path : List.copyOf(layers.keySet())) {
      Layer layer = layers.get(path);
      if (layer.parent.filter(from::equals).isPresent()) {
        if (!activeChain().contains(path) && known(path)) {
          throw new AssertionError(path + " reads " + from + ", and nobody changes its header");
        }
        Layer moved = new Layer(to);
        moved.blocks.putAll(layer.blocks);
        layers.put(path, moved);
      }
    }
  }

  /** A file of somebody else that no record names any more is nobody's concern. */
  private boolean known(String path) {
    return Stream.of(owned.stream(), frozen.values().stream(), given().stream())
        .flatMap(paths -> paths)
        .anyMatch(top -> chain(top).images().stream().anyMatch(one -> one.getPath().equals(path)));
  }

  private void remove(String path) {
    if (!owned.remove(path)) {
      throw new AssertionError(path + " was not made by Drover");
    }
    if (held.containsKey(path)) {
      throw new AssertionError(path + " is needed elsewhere");
    }
    layers.remove(path);
  }

  /** Every moment that is left shows what it showed, and so does the guest's disk. */
  void requireNothingLost() {
    requireShows(active, shown);
    frozen.forEach((name, image) -> requireShows(image, moments.get(name)));
    takenOff.forEach(this::requireShows);
  }

  private void requireShows(String image, Map<Integer, Integer> expected) {
    Map<Integer, Integer> view = new TreeMap<>();
    for (ChainImage layer : chain(image).images()) {
      layers.get(layer.getPath()).blocks.forEach(view::putIfAbsent);
    }
    if (!view.equals(expected)) {
      throw new AssertionError(image + " shows " + view + " instead of " + expected);
    }
  }

  private Chain chain(String top) {
    List<ChainImage> images = new ArrayList<>();
    Optional<String> next = Optional.of(top);
    while (next.isPresent()) {
      Layer layer = layers.get(next.get());
      if (layer == null) {
        throw new AssertionError(next.get() + " is gone, which " + top + " needs");
      }
      images.add(
          ChainImage.newBuilder()
              .setPath(next.get())
              .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
              .setAllocatedBytes(layer.blocks.size())
              .setBackingReference(layer.parent.orElse(""))
              .build());
      next = layer.parent;
    }
    return new Chain("guest", "vda", images);
  }
}
