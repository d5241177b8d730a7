package dev.drover.qemu.block;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.qemu.image.BlockdevOptions;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.CheckedChain;
import dev.drover.qemu.image.CheckedFile;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.image.Qcow2Room;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.qmp.BlockCommand;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.CopyPlan;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Examines, makes and opens destinations of copies (E3 to E10, E18). Formats are those the request
 * declares; a header is read only where the request says that there is one, and only by the daemon.
 */
final class CopyDestinations {

  private static final Logger logger = LoggerFactory.getLogger(CopyDestinations.class);

  /** Longest wait for a count of what there is to copy. */
  private static final Duration COUNT_DEADLINE = Duration.ofSeconds(10);

  private final ImagePaths paths;
  private final ChainReader reader;
  private final ImageTool tool;
  private final ImageHolders holders;
  private final OpeningCheck opening;

  CopyDestinations(
      ImagePaths paths,
      ChainReader reader,
      ImageTool tool,
      ImageHolders holders,
      OpeningCheck opening) {
    this.paths = paths;
    this.reader = reader;
    this.tool = tool;
    this.holders = holders;
    this.opening = opening;
  }

  /**
   * What a plan's destination is, without touching it.
   *
   * @param copied the images that hold what is going to be copied, from the top down
   * @throws DriverException PATH_NOT_ALLOWED, DESTINATION_EXISTS, DESTINATION_MISSING,
   *     IMAGE_IN_USE, IMAGE_FORMAT_MISMATCH, INVALID_ARGUMENT where its size differs or a device is
   *     too small, DEADLINE_EXCEEDED where its file system does not answer, and what {@link
   *     ChainReader#read} says of a destination's own chain
   */
  CopyDestination examine(BlockHost host, DiskGraph graph, CopyPlan plan, List<ChainImage> copied) {
    Path path = paths.require(plan.destination().getPath());
    boolean exists = ImageFiles.exists(path.toString());
    long size = host.sizeBytes(graph.target());
    Optional<String> holder = exists ? holders.holder("", path.toString()) : Optional.empty();
    holder.ifPresent(
        why -> {
          throw DriverException.of(
              ErrorReason.ERROR_REASON_IMAGE_IN_USE,
              "destination '%s' cannot be used: %s".formatted(path, why),
              "path",
              path.toString());
        });
    if (plan.reuseExternal()) {
      return reused(host, graph, plan, path, exists, size);
    }
    boolean device = ImageFiles.isBlockDevice(path);
    if ((exists || leadsNowhere(path)) && !device && !isEmptyFile(path)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
          "destination '%s' exists and %s".formatted(path, whyNot(path)),
          "path",
          path.toString());
    }
    boolean rawDevice = device && plan.destination().getFormat() == ImageFormat.IMAGE_FORMAT_RAW;
    if (rawDevice) {
      requireSameSize(path, deviceBytes(path), plan, size);
    } else if (device) {
      requireRoom(path, copied, plan, size);
    }
    String reference = plan.referenceFrom(path);
    List<JournalImage> images = new ArrayList<>();
    images.add(fresh(host, graph, path.toString(), plan.destination().getFormat(), reference));
    if (plan.backing().isPresent()) {
      graph.images().stream().skip(1).map(JournalImage::of).forEach(images::add);
    }
    return new CopyDestination(
        plan, images, 1, List.of(), !rawDevice, exists ? "" : path.toString(), reference, size);
  }

  /**
   * Writes a new destination; does nothing where it is used as it is.
   *
   * @throws DriverException DESTINATION_EXISTS where a file came up that was not there
   */
  void make(CopyDestination destination, Duration deadline) {
    if (!destination.make()) {
      return;
    }
    JournalImage top = destination.images().getFirst();
    Optional<ImageTool.Backing> backing =
        destination
            .plan()
            .backing()
            .map(below -> new ImageTool.Backing(destination.backingReference(), below.getFormat()));
    Path path = Path.of(top.path());
    long size = destination.virtualSizeBytes();
    if (destination.createdFile().isEmpty()) {
      tool.createOver(path, top.format(), backing, size, deadline);
    } else {
      tool.createNew(path, top.format(), backing, size, deadline);
    }
  }

  /**
   * Opens the nodes of a destination that is there, bottom to top.
   *
   * @throws DriverException as {@link OpeningCheck}; the nodes are to be deleted then
   */
  void open(BlockHost host, String disk, CopyDestination destination) {
    List<CheckedFile> files = check(destination);
    for (int place = destination.opened() - 1; place >= 0; place--) {
      openFile(host, disk, destination, place);
      openFormat(host, disk, destination, place, below(destination, place));
    }
    require(host, files);
  }

  /** Files that were made for the copy are first looked at here. */
  private List<CheckedFile> check(CopyDestination destination) {
    if (!destination.checked().isEmpty()) {
      return destination.checked();
    }
    return destination.images().stream()
        .limit(destination.opened())
        .map(image -> opening.check(image.path()))
        .toList();
  }

  private void require(BlockHost host, List<CheckedFile> files) {
    host.processId().ifPresent(pid -> opening.require(host.domainName(), pid, files));
  }

  /**
   * Opens the nodes of a destination while the disk is still on an image that is going to be below
   * its active one. QEMU makes no snapshot of a disk whose active image is anybody's backing image:
   * where the destination is going to read it, only its files stay open, and that their formats can
   * be opened is tried.
   *
   * @param active node of the disk's active image
   * @throws DriverException as {@link #open}
   */
  void openBefore(BlockHost host, String disk, CopyDestination destination, String active) {
    List<CheckedFile> files = check(destination);
    boolean waits = reads(destination, active);
    int lowest = destination.opened() - 1;
    for (int place = lowest; place >= 0; place--) {
      openFile(host, disk, destination, place);
      openFormat(
          host,
          disk,
          destination,
          place,
          waits && place == lowest ? Optional.empty() : below(destination, place));
    }
    require(host, files);
    for (int place = 0; waits && place <= lowest; place++) {
      var _ = host.execute(new BlockCommand.BlockdevDel(destination.images().get(place).node()));
    }
  }

  /** Opens, once the disk has left that image, what {@link #openBefore} could not leave open. */
  void openAfter(BlockHost host, String disk, CopyDestination destination, String frozen) {
    for (int place = destination.opened() - 1; reads(destination, frozen) && place >= 0; place--) {
      openFormat(host, disk, destination, place, below(destination, place));
    }
  }

  private static boolean reads(CopyDestination destination, String node) {
    return destination.opened() < destination.images().size()
        && destination.images().get(destination.opened()).node().equals(node);
  }

  private static Optional<String> below(CopyDestination destination, int place) {
    List<JournalImage> images = destination.images();
    return place + 1 < images.size() ? Optional.of(images.get(place + 1).node()) : Optional.empty();
  }

  private static void openFile(
      BlockHost host, String disk, CopyDestination destination, int place) {
    ImageNode node = destination.images().get(place).imageNode();
    ObjectNode file = BlockdevOptions.file(node, host.policy(disk));
    var _ = host.execute(new BlockCommand.BlockdevAdd(file));
  }

  private static void openFormat(
      BlockHost host, String disk, CopyDestination destination, int place, Optional<String> below) {
    ImageNode node = destination.images().get(place).imageNode();
    var _ =
        host.execute(
            new BlockCommand.BlockdevAdd(
                BlockdevOptions.format(node, below, place > 0, host.policy(disk))));
  }

  private CopyDestination reused(
      BlockHost host, DiskGraph graph, CopyPlan plan, Path path, boolean exists, long size) {
    if (!exists) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DESTINATION_MISSING,
          "destination '%s' does not exist; create it, or leave out reuse_external".formatted(path),
          "path",
          path.toString());
    }
    Image declared = plan.destination().toBuilder().setPath(path.toString()).build();
    CheckedChain found = reader.readChecked(plan.before().domain(), plan.before().disk(), declared);
    Chain own = found.chain();
    ChainImage top = own.active();
    requireSameSize(path, top.getVirtualSizeBytes(), plan, size);
    List<JournalImage> images = new ArrayList<>();
    int opened = 0;
    for (ChainImage image : own.images()) {
      Optional<ImageNode> shared = graph.at(image.getPath()).filter(_ -> image.getIndex() > 0);
      if (shared.isPresent()) {
        int from = shared.get().image().getIndex();
        graph.images().stream().skip(from).map(JournalImage::of).forEach(images::add);
        break;
      }
      images.add(
          fresh(host, graph, image.getPath(), image.getFormat(), image.getBackingReference()));
      opened++;
    }
    return new CopyDestination(
        plan, images, opened, found.files().subList(0, opened), false, "", "", size);
  }

  private long deviceBytes(Path device) {
    Image whole =
        Image.newBuilder()
            .setPath(device.toString())
            .setFormat(ImageFormat.IMAGE_FORMAT_RAW)
            .build();
    return reader.readOne(whole).getVirtualSizeBytes();
  }

  /**
   * Refuses a device that even what there is to copy by now does not fit on (R11): the job would
   * come to its end and stand there.
   */
  private void requireRoom(Path device, List<ChainImage> copied, CopyPlan plan, long size) {
    long there = deviceBytes(device);
    long needed = leastBytes(copied, plan, size);
    if (needed > there) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          ("device '%s' has %d bytes, a qcow2 image of what disk '%s' holds takes at least %d; take"
                  + " a larger device")
              .formatted(device, there, plan.before().disk(), needed),
          "field",
          "destination",
          "path",
          device.toString());
    }
  }

  /**
   * A running guest may read files that are gone or denied by now, and a copy is what saves them:
   * where they cannot be counted, nothing is foretold of the room they need.
   */
  private long leastBytes(List<ChainImage> copied, CopyPlan plan, long size) {
    if (copied.isEmpty()) {
      return Qcow2Room.least(size, 0);
    }
    try {
      return tool.leastCopyBytes(copied, size, COUNT_DEADLINE);
    } catch (DriverException e) {
      if (e.reason() == ErrorReason.ERROR_REASON_CALL_CANCELLED) {
        throw e;
      }
      logger.info(
          "How much a copy of disk {} of domain {} takes cannot be foretold",
          plan.before().disk(),
          plan.before().domain(),
          e);
      return Qcow2Room.least(size, 0);
    }
  }

  /** QEMU mirrors only between equal sizes, and says so when the job is under way already. */
  private static void requireSameSize(Path path, long found, CopyPlan plan, long size) {
    if (found != size) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          "destination '%s' has %d bytes, disk '%s' has %d; a copy needs the same size"
              .formatted(path, found, plan.before().disk(), size),
          "field",
          "destination",
          "path",
          path.toString());
    }
  }

  private static JournalImage fresh(
      BlockHost host, DiskGraph graph, String path, ImageFormat format, String reference) {
    return JournalImage.of(
        ImageNode.named(
            ChainImage.newBuilder()
                .setPath(path)
                .setFormat(format)
                .setBackingReference(reference)
                .build(),
            host.newNodeName(graph.target())));
  }

  private static boolean leadsNowhere(Path path) {
    return ImageFiles.asked(
        path.toString(), () -> Files.isSymbolicLink(path) && Files.notExists(path));
  }

  private static String whyNot(Path path) {
    if (Files.isRegularFile(path)) {
      return "is not a block device; choose another path, or set reuse_external to overwrite it";
    }
    return leadsNowhere(path)
        ? "is a symbolic link that leads nowhere; remove it, or choose another path"
        : "is neither a file nor a block device; choose another path";
  }

  private static boolean isEmptyFile(Path path) {
    try {
      return ImageFiles.isEmptyFile(path);
    } catch (IOException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED,
          "destination '%s' cannot be examined: %s".formatted(path, e.getMessage()),
          "path",
          path.toString(),
          "access",
          "read");
    }
  }
}
