package dev.drover.qemu.block;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.qmp.NamedBlockNode;
import dev.drover.qemu.qmp.QmpRefusedException;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ImageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The nodes of a disk as QEMU has them at this moment, without the filters of jobs.
 *
 * @param images the images from the one the device reads down
 * @param understood false where there are nodes of which no image can be told
 */
record OpenNodes(List<ImageNode> images, boolean understood) {

  private static final Set<String> FILTERS = Set.of("mirror_top", "commit_top", "copy-on-read");
  private static final Set<String> FILES = Set.of("file", "host_device");

  /** Copies the list. */
  OpenNodes {
    images = List.copyOf(images);
  }

  /**
   * Asks QEMU. What it cannot be asked for now, because a stream job is at its end, is taken from
   * the record where that has a node of the same name.
   *
   * @param filter node of the daemon's own job on the disk; empty: none
   */
  static OpenNodes of(BlockHost host, DiskGraph record, String filter) {
    Map<String, NamedBlockNode> named = named(host);
    Optional<LiveGraph> graph = LiveGraph.of(host);
    Optional<String> root = host.deviceNode(record.target());
    if (root.isEmpty()) {
      return new OpenNodes(List.of(), false);
    }
    List<String> chain =
        graph.map(found -> found.chain(root.get())).orElseGet(() -> List.of(root.get()));
    List<ImageNode> images = new ArrayList<>();
    boolean understood = graph.isPresent();
    for (String node : chain) {
      if (node.equals(filter) || isFilter(named, node)) {
        continue;
      }
      Optional<ImageNode> image =
          graph
              .flatMap(found -> found.fileNode(node))
              .flatMap(file -> image(named, node, file))
              .or(() -> named.isEmpty() ? record.node(node) : Optional.empty());
      understood &= image.isPresent();
      images.add(image.orElseGet(() -> unknown(node)));
    }
    return new OpenNodes(images, understood);
  }

  private static Map<String, NamedBlockNode> named(BlockHost host) {
    try {
      return host.execute(new QueryCommand.QueryNamedBlockNodes(true)).stream()
          .filter(node -> node.nodeName().isPresent())
          .collect(
              Collectors.toMap(
                  node -> node.nodeName().orElseThrow(), Function.identity(), (one, _) -> one));
    } catch (QmpRefusedException e) {
      return Map.of();
    }
  }

  private static boolean isFilter(Map<String, NamedBlockNode> named, String node) {
    return Optional.ofNullable(named.get(node))
        .filter(found -> FILTERS.contains(found.driver()))
        .isPresent();
  }

  private static Optional<ImageNode> image(
      Map<String, NamedBlockNode> named, String node, String fileNode) {
    NamedBlockNode format = named.get(node);
    NamedBlockNode file = named.get(fileNode);
    if (format == null || file == null || !FILES.contains(file.driver())) {
      return Optional.empty();
    }
    return format(format.driver())
        .map(
            known ->
                new ImageNode(
                    ChainImage.newBuilder().setPath(file.file()).setFormat(known).build(),
                    node,
                    fileNode));
  }

  private static Optional<ImageFormat> format(String driver) {
    return switch (driver) {
      case "qcow2" -> Optional.of(ImageFormat.IMAGE_FORMAT_QCOW2);
      case "raw" -> Optional.of(ImageFormat.IMAGE_FORMAT_RAW);
      default -> Optional.empty();
    };
  }

  private static ImageNode unknown(String node) {
    return new ImageNode(ChainImage.newBuilder().setPath("node:" + node).build(), node, "");
  }
}
