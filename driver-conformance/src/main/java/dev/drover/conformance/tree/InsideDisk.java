package dev.drover.conformance.tree;

import dev.drover.conformance.DiskContents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** One disk of a domain whose images keep moments inside themselves, block by block. */
final class InsideDisk implements ModelDisk {

  /** An image of its own: the blocks it has, and those it had at each moment that it keeps. */
  private static final class Layer {
    private final String path;
    private final Map<Integer, Integer> blocks = new TreeMap<>();
    private final Map<String, Map<Integer, Integer>> moments = new HashMap<>();

    Layer(String path) {
      this.path = path;
    }
  }

  private final String target;
  private final List<Layer> chain = new ArrayList<>();
  private final Map<String, DiskContents> showed = new HashMap<>();
  private final Set<String> recorded = new HashSet<>();

  /** A disk on a chain of empty images, the base first. */
  InsideDisk(String target, List<String> paths) {
    this.target = target;
    paths.reversed().forEach(path -> chain.add(new Layer(path)));
  }

  @Override
  public String target() {
    return target;
  }

  /** Paths of the images, the active one first. */
  @Override
  public List<String> chain() {
    return chain.stream().map(layer -> layer.path).toList();
  }

  @Override
  public String active() {
    return chain.getFirst().path;
  }

  /** Puts a block into an image. */
  void put(String path, int block, int value) {
    chain.get(chain().indexOf(path)).blocks.put(block, value);
  }

  /** What an image of the chain shows. */
  DiskContents view(String path) {
    List<Layer> below = chain.subList(chain().indexOf(path), chain.size());
    List<Integer> blocks = new ArrayList<>();
    for (int block = 0; block < DiskModel.BLOCKS; block++) {
      int nth = block;
      blocks.add(
          below.stream()
              .filter(layer -> layer.blocks.containsKey(nth))
              .findFirst()
              .map(layer -> layer.blocks.get(nth))
              .orElse(0));
    }
    return new DiskContents(blocks);
  }

  /** Names of the moments that an image of the chain keeps, with a record or without. */
  Set<String> kept(String path) {
    return Set.copyOf(chain.get(chain().indexOf(path)).moments.keySet());
  }

  /** Whether the disk takes part in a snapshot that has a record. */
  boolean takesPart(String snapshot) {
    return recorded.contains(snapshot);
  }

  /** Whether the active image keeps the moment of any snapshot that has a record. */
  boolean holds() {
    return !recorded.isEmpty();
  }

  void keep(String snapshot) {
    Layer active = chain.getFirst();
    active.moments.put(snapshot, new TreeMap<>(active.blocks));
    showed.put(snapshot, view(active.path));
    recorded.add(snapshot);
  }

  void revert(String snapshot) {
    Layer active = chain.getFirst();
    Map<Integer, Integer> then = active.moments.get(snapshot);
    if (then == null) {
      throw new AssertionError("%s takes no part in %s".formatted(target, snapshot));
    }
    active.blocks.clear();
    active.blocks.putAll(then);
    if (!view(active.path).equals(showed.get(snapshot))) {
      throw new AssertionError("%s of %s is not what it was".formatted(target, snapshot));
    }
  }

  /** Lets go of moments. */
  void delete(Set<String> snapshots) {
    chain.getFirst().moments.keySet().removeAll(snapshots);
    forget(snapshots);
  }

  /** Forgets records; the images keep the moments. */
  void forget(Set<String> snapshots) {
    recorded.removeAll(snapshots);
  }

  /** The image below the active one goes into the one below that. */
  void commitBelow() {
    Layer middle = chain.remove(1);
    chain.get(1).blocks.putAll(middle.blocks);
  }

  /** Everything below the active image goes into it. */
  void pull() {
    Layer active = chain.getFirst();
    chain
        .subList(1, chain.size())
        .forEach(layer -> layer.blocks.forEach(active.blocks::putIfAbsent));
    chain.subList(1, chain.size()).clear();
  }
}
