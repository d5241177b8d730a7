package dev.drover.conformance.model;

import dev.drover.conformance.Fill;
import dev.drover.conformance.ImageSetup;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Disk;
import dev.drover.v1.DiskCache;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The domain of a scenario on one of the drivers. Both drivers have the same files, each in a
 * directory of its own; what is compared names them without it.
 */
final class Side {

  /** How the answer of a call that was refused begins. */
  static final String REFUSED = "refused";

  /** Blocks of a disk. */
  static final int BLOCKS = 8;

  /** Bytes of a block: as much as QEMU moves in one go. */
  static final long BLOCK = 8 * Fill.BLOCK;

  /** A file that no scenario removes. */
  static final String TAKEN = "taken.raw";

  /** Blocks that the images of the first disk hold, the base first, one bit for each. */
  private static final List<Integer> FIRST = List.of(0x3f, 0x9b, 0x7c, 0xe6);

  private static final List<Integer> SECOND = List.of(0xf9, 0x5e);

  private final Bench bench;
  private final TestDomain domain;

  /** Makes the images of a scenario and defines its domain. */
  Side(Bench bench, Scenario scenario) {
    this.bench = bench;
    Image first = chain("vda", FIRST.subList(0, scenario.layers()), scenario.relative(), false);
    Image second = chain("vdb", SECOND, scenario.relative(), scenario.rawBase());
    create(TAKEN, ImageFormat.IMAGE_FORMAT_RAW, BLOCK, Optional.empty());
    this.domain =
        bench.define(bench.spec(bench.name("vm"), disk("vda", first), disk("vdb", second)));
    bench.onClose(this::endJobs);
  }

  /** Memory that the domain was defined with at first. */
  long memoryBytes() {
    return bench.target().domain(domain.name()).getMemoryBytes();
  }

  Bench bench() {
    return bench;
  }

  TestDomain domain() {
    return domain;
  }

  /** Path of a file by its name. */
  String path(String name) {
    return bench.path(name);
  }

  /** An image by its name. */
  Image image(String name, ImageFormat format) {
    return Image.newBuilder().setPath(path(name)).setFormat(format).build();
  }

  /** What a text says without the directory of this side. */
  String plain(String text) {
    return text.replace(bench.directory() + "/", "@");
  }

  /** Name of the file at a path. */
  String name(String path) {
    String plain = plain(path);
    return plain.startsWith("@") ? plain.substring(1) : plain;
  }

  /** Makes an image, on top of another where one is given. */
  void create(String name, ImageFormat format, long size, Optional<ImageSetup.Backing> below) {
    bench.world().create(new ImageSetup(image(name, format), size, below, List.of()));
  }

  /** What there is. */
  Position position() {
    Map<String, List<Position.Layer>> chains = new LinkedHashMap<>();
    for (String disk : List.of("vda", "vdb")) {
      chains.put(disk, layers(disk));
    }
    return new Position(
        domain.get().getStatus().getState(),
        chains,
        bench.snapshots().list(domain).stream().map(Snapshot::getName).toList(),
        jobs());
  }

  private List<Position.Layer> layers(String disk) {
    try {
      return domain.chain(disk).getImagesList().stream()
          .map(image -> Position.Layer.of(image, name(image.getPath())))
          .toList();
    } catch (StatusRuntimeException e) {
      // What the refusal says is compared as a fact; there is no image to choose.
      var _ = refusal(e);
      return List.of();
    }
  }

  /** Jobs that a client began, the newest first. */
  List<Job> jobs() {
    return bench.jobs().of(domain).stream().filter(job -> job.getParentJobId().isEmpty()).toList();
  }

  /**
   * What a refusal is about.
   *
   * @throws AssertionError where it is none that a driver may answer with
   */
  String refusal(StatusRuntimeException failure) {
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    Optional<ErrorReason> reason = status == null ? Optional.empty() : Refusal.reasonOf(status);
    if (reason.isEmpty()
        || reason.get() == ErrorReason.ERROR_REASON_INTERNAL
        || reason.get() == ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED) {
      throw new AssertionError(bench.target().name() + " answers " + failure, failure);
    }
    return REFUSED + " %s %s".formatted(failure.getStatus().getCode(), reason.get());
  }

  private void endJobs() {
    for (Job job : jobs()) {
      if (!Position.ended(job)) {
        var _ = bench.jobs().cancel(job);
      }
    }
  }

  private Image chain(String disk, List<Integer> layers, boolean relative, boolean raw) {
    Optional<ImageSetup.Backing> below = Optional.empty();
    Image top = Image.getDefaultInstance();
    for (int layer = 0; layer < layers.size(); layer++) {
      boolean base = raw && layer == 0;
      String name = "%s-%d.%s".formatted(disk, layer, base ? "raw" : "qcow2");
      top = image(name, base ? ImageFormat.IMAGE_FORMAT_RAW : ImageFormat.IMAGE_FORMAT_QCOW2);
      bench
          .world()
          .create(new ImageSetup(top, BLOCKS * BLOCK, below, contents(layers.get(layer), layer)));
      below = Optional.of(new ImageSetup.Backing(relative ? name : top.getPath(), top));
    }
    return top;
  }

  private static List<Fill> contents(int blocks, int layer) {
    List<Fill> fills = new ArrayList<>();
    for (int block = 0; block < BLOCKS; block++) {
      if (((blocks >> block) & 1) != 0) {
        fills.add(fill(block, 0x10 * (layer + 1) + block));
      }
    }
    return fills;
  }

  static Fill fill(int block, int value) {
    return new Fill(block * BLOCK, BLOCK, value);
  }

  private static Disk disk(String target, Image source) {
    return Disk.newBuilder()
        .setTarget(target)
        .setSource(source)
        .setCache(DiskCache.DISK_CACHE_WRITEBACK)
        .build();
  }
}
