package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.agent.FreezeStatus;
import dev.drover.qemu.agent.GuestAgentClient;
import dev.drover.qemu.agent.GuestAgentException;
import dev.drover.spi.store.Store;
import dev.drover.v1.Boot;
import dev.drover.v1.DirectKernelBoot;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.GuestAgent;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SerialConsole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.awaitility.Awaitility;

/**
 * A guest with a mounted file system on disk vda, into which it writes all the time, and
 * qemu-guest-agent.
 */
public final class AgentGuest implements AutoCloseable {

  private static final String NAME = "quiet";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final QemuWorld world;
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();

  /** A guest of this world, not started yet. */
  public AgentGuest(QemuWorld world) {
    this.world = world;
  }

  /**
   * Boots it and waits until it writes.
   *
   * @param more what is added to its kernel's command line
   * @return the image of its disk, which is raw
   */
  public Path start(String more) {
    String guest = System.getenv("DROVER_GUEST");
    assertThat(guest).as("DROVER_GUEST names the directory that bin/guest made").isNotNull();
    Path disk = world.images().resolve("disk.raw");
    var _ = world.program("qemu-img", "create", "-q", "-f", "raw", disk.toString(), "64M");
    var _ = world.program("mkfs.ext4", "-q", "-F", disk.toString());
    DomainSpec spec =
        QemuWorld.spec(NAME).toBuilder()
            .setMemoryBytes(192L << 20)
            .setGuestAgent(GuestAgent.getDefaultInstance())
            .addDisks(QemuWorld.disk("vda", disk, ImageFormat.IMAGE_FORMAT_RAW))
            .addSerialConsoles(SerialConsole.getDefaultInstance())
            .setBoot(
                Boot.newBuilder()
                    .setDirectKernel(
                        DirectKernelBoot.newBuilder()
                            .setKernelPath(guest + "/vmlinuz")
                            .setInitrdPath(guest + "/initrd-agent")
                            .setCommandLine(
                                "console=ttyS0 quiet loglevel=1 panic=-1 nokaslr drover.files=1"
                                    + " drover.agent=1 "
                                    + more)))
            .build();
    world.define(spec);
    world.start(NAME);
    writesOn();
    return disk;
  }

  /** The domain. */
  public DomainRef ref() {
    return QemuWorld.ref(NAME);
  }

  /** Waits until it acknowledges lines that it has not acknowledged yet. */
  public void writesOn() {
    long before = acknowledged();
    Awaitility.await().atMost(PATIENCE).until(() -> acknowledged() > before + 3);
  }

  private long acknowledged() {
    try {
      Path console = console();
      String log = Files.exists(console) ? Files.readString(console) : "";
      assertThat(log).doesNotContain("GUEST-ERROR");
      return log.lines().filter(line -> line.startsWith("ACK ")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path console() {
    return Path.of(world.get(NAME).getStatus().getSerialLogPaths(0));
  }

  /** Waits until its agent answers and says that nothing is frozen. */
  public void awaitAgent() {
    Awaitility.await().atMost(PATIENCE).until(this::agentListens);
  }

  private boolean agentListens() {
    try {
      return new GuestAgentClient(console().resolveSibling("agent"), timers)
              .status(Duration.ofSeconds(2))
          == FreezeStatus.THAWED;
    } catch (GuestAgentException e) {
      return false;
    }
  }

  /**
   * Keeps its agent silent until what is given here is closed: QEMU serves one client of the
   * agent's channel at a time.
   */
  public SocketChannel silenceAgent() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(console().resolveSibling("agent")));
    return channel;
  }

  /** Whether a store says that its file systems are frozen. */
  public static boolean frozen(Store store) {
    return store.list("qemu-runtime").stream()
        .anyMatch(stored -> stored.content().toStringUtf8().contains("\"frozen\":true"));
  }

  /** What the file system in a raw image says of itself: mounted ones need recovery. */
  public String features(Path image) {
    return world
        .program("dumpe2fs", "-h", image.toString())
        .lines()
        .filter(line -> line.startsWith("Filesystem features:"))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    timers.shutdownNow();
  }
}
