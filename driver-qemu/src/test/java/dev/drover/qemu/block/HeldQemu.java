package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.image.BlockdevOptions;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.IoPolicy;
import dev.drover.qemu.qmp.RunCommand;
import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A real QEMU with disks, emulated, whose guest is held before its first instruction. */
final class HeldQemu {

  private HeldQemu() {}

  /** A disk on the chain of an image, with the nodes that QEMU will have. */
  static DiskGraph graph(String target, Image source) {
    Chain chain = reader().read("guest", target, source);
    List<ImageNode> nodes =
        chain.images().stream()
            .map(image -> ImageNode.named(image, ImageNode.nodeName(target, image.getIndex() + 1)))
            .toList();
    return new DiskGraph(target, device(target), nodes);
  }

  /** Path of the device that a disk has in QEMU. */
  static String device(String target) {
    return "/machine/peripheral/disk-%s/virtio-backend".formatted(target);
  }

  /**
   * Starts QEMU.
   *
   * @param storage what is made of each node's options
   */
  static Process spawn(
      Path directory, Path socket, List<DiskGraph> graphs, UnaryOperator<ObjectNode> storage) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-system-x86_64",
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-machine",
                "pc,accel=tcg",
                "-m",
                "32",
                "-S",
                "-qmp",
                "unix:" + socket + ",server=on,wait=off"));
    for (DiskGraph graph : graphs) {
      for (ObjectNode node : BlockdevOptions.chain(graph, IoPolicy.DEFAULT, false)) {
        command.addAll(List.of("-blockdev", storage.apply(node).toString()));
      }
      command.addAll(
          List.of(
              "-device",
              "virtio-blk-pci,id=disk-%s,drive=%s"
                  .formatted(graph.target(), graph.active().formatNode())));
    }
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(directory.resolve("qemu.log").toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it in good order. It may be gone before it has answered; its exit code tells why. */
  static void quit(LiveDomain live, Process qemu) {
    try {
      live.execute(new RunCommand.Quit());
    } catch (DriverException e) {
      assertThat(e).hasMessageContaining("during quit");
    }
    awaitEnd(qemu);
    assertThat(qemu.exitValue()).isZero();
  }

  /** Waits until its process is gone. */
  static void awaitEnd(Process qemu) {
    try {
      assertThat(qemu.waitFor(30, TimeUnit.SECONDS)).as("QEMU ended").isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Reads headers wherever they are. */
  static ChainReader reader() {
    return new ChainReader(new ImagePaths(List.of()));
  }
}
