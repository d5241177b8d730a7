package dev.drover.conformance.bench;

import dev.drover.conformance.DiskContents;
import dev.drover.conformance.Fill;
import dev.drover.conformance.GuestWorld;
import dev.drover.conformance.ImageSetup;
import dev.drover.v1.Disk;
import dev.drover.v1.DiskCache;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A disk whose backing chain was made layer by layer, each with data of its own, so that every
 * layer can be told from the others in what the guest sees.
 *
 * @param target name of the disk
 * @param directory where the files are
 * @param layers images from the base up, by their short names
 * @param views what each layer shows, by its short name
 */
public record DiskChain(
    String target, String directory, Map<String, Image> layers, Map<String, DiskContents> views) {

  /** Keeps the order. */
  public DiskChain {
    layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    views = Collections.unmodifiableMap(new LinkedHashMap<>(views));
  }

  /** How a chain is made. */
  public enum Style {
    /** qcow2 throughout, absolute references. */
    QCOW2,
    /** qcow2 throughout, references relative to the directory (R8, E13). */
    RELATIVE,
    /** A raw base under qcow2 overlays. */
    RAW_BASE
  }

  /** Makes the files of a chain, the base first. */
  public static DiskChain create(
      GuestWorld world,
      String directory,
      String target,
      DiskSize size,
      Style style,
      List<String> names) {
    Map<String, Image> layers = new LinkedHashMap<>();
    Map<String, DiskContents> views = new LinkedHashMap<>();
    DiskContents shown = DiskContents.zeros(size.bytes());
    Optional<ImageSetup.Backing> backing = Optional.empty();
    for (String name : names) {
      boolean raw = layers.isEmpty() && style == Style.RAW_BASE;
      String file = target + "-" + name + (raw ? ".raw" : ".qcow2");
      Image image =
          Image.newBuilder()
              .setPath(directory + "/" + file)
              .setFormat(raw ? ImageFormat.IMAGE_FORMAT_RAW : ImageFormat.IMAGE_FORMAT_QCOW2)
              .build();
      List<Fill> contents = size.layer(layers.size());
      world.create(new ImageSetup(image, size.bytes(), backing, contents));
      shown = shown.with(contents);
      layers.put(name, image);
      views.put(name, shown);
      backing =
          Optional.of(
              new ImageSetup.Backing(style == Style.RELATIVE ? file : image.getPath(), image));
    }
    return new DiskChain(target, directory, layers, views);
  }

  /** An image of the chain by its short name. */
  public Image layer(String name) {
    return Optional.ofNullable(layers.get(name)).orElseThrow();
  }

  /** Path of an image of the chain. */
  public String path(String name) {
    return layer(name).getPath();
  }

  /** The top image as it was made. */
  public Image active() {
    return List.copyOf(layers.values()).getLast();
  }

  /** What the disk shows as it was made. */
  public DiskContents contents() {
    return List.copyOf(views.values()).getLast();
  }

  /** What a layer shows as it was made. */
  public DiskContents view(String name) {
    return Optional.ofNullable(views.get(name)).orElseThrow();
  }

  /** Images by their short names, from the top down, as chains are listed. */
  public List<Image> images(String... fromTop) {
    List<Image> images = new ArrayList<>();
    for (String name : fromTop) {
      images.add(layer(name));
    }
    return images;
  }

  /** The disk as a spec has it. */
  public Disk disk() {
    return Disk.newBuilder()
        .setTarget(target)
        .setSource(active())
        .setCache(DiskCache.DISK_CACHE_WRITEBACK)
        .build();
  }
}
