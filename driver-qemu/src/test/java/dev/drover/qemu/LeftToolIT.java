package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.Snapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** R2: an image tool that outlives its daemon changes nothing under the next one. */
@Tag("qemu")
@Tag("crash")
class LeftToolIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final QemuWorld world = new QemuWorld();
  private final RevertBench bench = new RevertBench(world);
  private final MemoryStore durable = new MemoryStore();
  private final DyingStore store = new DyingStore(durable);

  @AfterEach
  void endEveryTool() {
    world.close();
  }

  @Test
  void overlayThatWasTakenBackIsNotMadeAnew() throws Exception {
    Path begun = world.images().resolveSibling("begun");
    Path mayGoOn = world.images().resolveSibling("go-on");
    world.with("qemu-img-binary", slowTool(begun, mayGoOn).toString());
    world.use(store);
    world.openDriver();
    world.define(QemuWorld.spec("dom", world.qcow2("one.qcow2")));
    CompletableFuture<Snapshot> call =
        CompletableFuture.supplyAsync(() -> bench.snapshot("first"), Thread::startVirtualThread);
    await().atMost(PATIENCE).until(() -> Files.exists(begun));

    store.cut();
    world.closeDriver();
    world.use(durable);
    world.openDriver();
    Path overlay = world.images().resolve("one.first");
    assertThat(overlay).doesNotExist();
    Files.createFile(mayGoOn);

    await().atMost(PATIENCE).until(() -> world.processes().isEmpty());
    assertThat(overlay).doesNotExist();
    assertThatThrownBy(call::join).isInstanceOf(CompletionException.class);
  }

  /** A tool that tells when it is to make an image, and then waits until it may. */
  private Path slowTool(Path begun, Path mayGoOn) throws Exception {
    String program =
        """
        #!/bin/sh
        if [ "$1" = create ]; then
          : >'%s'
          until [ -e '%s' ]; do sleep 0.05; done
        fi
        exec /usr/bin/qemu-img "$@"
        """
            .formatted(begun, mayGoOn);
    Path tool = Files.writeString(world.images().resolveSibling("slow-qemu-img"), program);
    return Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwx------"));
  }
}
