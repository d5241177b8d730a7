package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.drover.qemu.QemuWorld;
import dev.drover.qemu.agent.FreezeStatus;
import dev.drover.qemu.agent.GuestAgentClient;
import dev.drover.qemu.agent.GuestAgentException;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.Jobs;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Boot;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.DirectKernelBoot;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GuestAgent;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.Quiesce;
import dev.drover.v1.SerialConsole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** D14: a guest with a mounted file system and qemu-guest-agent, whose copies are kept quiesced. */
@Timeout(300)
class QuiesceIT {

  private static final String NAME = "quiet";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final QemuWorld world = new QemuWorld();
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void endEveryQemu() {
    world.close();
    timers.shutdownNow();
  }

  @Test
  void aKeptCopyHasACleanFileSystemAndTheGuestGoesOn() {
    world.openDriver();
    startGuest("");
    Path rough = world.images().resolve("rough.raw");
    assertThat(keep(mirror(rough), false).getResult().getQuiesced()).isFalse();
    assertThat(features(rough)).contains("needs_recovery");

    Path quiet = world.images().resolve("quiet.raw");
    Job kept = keepOnceTheAgentListens(mirror(quiet));
    assertThat(kept.getResult().getQuiesced()).isTrue();
    assertThat(kept.getResult().hasGuestPause()).isTrue();
    assertThat(features(quiet)).doesNotContain("needs_recovery");
    var _ = world.program("e2fsck", "-f", "-n", quiet.toString());
    writesOn();
  }

  @Test
  void aGuestWithoutAnAgentIsRefusedAndItsJobIsReadyAsBefore() {
    world.openDriver();
    startGuest("drover.agent=0");
    Job ready = mirror(world.images().resolve("copy.raw"));
    assertThat(refusal(ready)).isEqualTo(ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE);
    assertThat(job(ready).getState()).isEqualTo(JobState.JOB_STATE_READY);
    writesOn();
  }

  @Test
  void theGuestIsThawedByTheNextDaemonWhereOneDiesBetweenFreezeAndThaw() { // R2, R22
    MemoryStore durable = new MemoryStore();
    CountDownLatch over = new CountDownLatch(1);
    AtomicBoolean armed = new AtomicBoolean();
    world.use(new StuckStore(durable, armed, over));
    world.openDriver();
    startGuest("");
    Path copy = world.images().resolve("copy.raw");
    Job ready = mirror(copy);
    Awaitility.await().atMost(PATIENCE).until(() -> agentListens(ready));
    armed.set(true);
    Thread.ofVirtual().start(() -> refusal(ready));
    Awaitility.await().atMost(PATIENCE).until(() -> frozen(durable));

    world.use(durable);
    world.openDriver();
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> job(ready).getState() == JobState.JOB_STATE_SUCCEEDED);
    assertThat(job(ready).getResult().getQuiesced()).isTrue();
    assertThat(features(copy)).doesNotContain("needs_recovery");
    Awaitility.await().atMost(PATIENCE).until(() -> !frozen(durable));
    writesOn();
    over.countDown();
  }

  /** A store whose daemon comes to a stand, as if it were dead, before it decides an end. */
  private record StuckStore(Store durable, AtomicBoolean armed, CountDownLatch over)
      implements Store {

    @Override
    public void transact(Consumer<StoreTransaction> changes) {
      List<Consumer<StoreTransaction>> asked = new ArrayList<>();
      AtomicBoolean decides = new AtomicBoolean();
      changes.accept(
          new StoreTransaction() {
            @Override
            public void put(String collection, String key, ByteString content) {
              if (content.toStringUtf8().contains("\"step\":\"" + JournalStep.FINALIZING)) {
                decides.set(true);
              }
              asked.add(transaction -> transaction.put(collection, key, content));
            }

            @Override
            public void delete(String collection, String key) {
              asked.add(transaction -> transaction.delete(collection, key));
            }
          });
      if (armed.get() && decides.get()) {
        try {
          over.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        throw new IllegalStateException("this daemon is dead in this test");
      }
      durable.transact(transaction -> asked.forEach(change -> change.accept(transaction)));
    }

    @Override
    public Optional<ByteString> read(String collection, String key) {
      return durable.read(collection, key);
    }

    @Override
    public List<StoreRecord> list(String collection) {
      return durable.list(collection);
    }
  }

  /** As it stands on record. */
  private boolean frozen(MemoryStore store) {
    return store.list("qemu-runtime").stream()
        .anyMatch(stored -> stored.content().toStringUtf8().contains("\"frozen\":true"));
  }

  private void startGuest(String more) {
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
  }

  /** The guest acknowledges lines that it has not acknowledged yet. */
  private void writesOn() {
    long before = acknowledged();
    Awaitility.await().atMost(PATIENCE).until(() -> acknowledged() > before + 3);
  }

  private long acknowledged() {
    Path console = Path.of(world.get(NAME).getStatus().getSerialLogPaths(0));
    try {
      String log = Files.exists(console) ? Files.readString(console) : "";
      assertThat(log).doesNotContain("GUEST-ERROR");
      return log.lines().filter(line -> line.startsWith("ACK ")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Jobs jobs() {
    return world.driver().jobs().orElseThrow();
  }

  private Job job(Job job) {
    return jobs().get(job.getId()).orElseThrow();
  }

  private Job mirror(Path destination) {
    Job started =
        world
            .driver()
            .blockJobs()
            .orElseThrow()
            .copy(
                world.call(),
                BlockCopyRequest.newBuilder()
                    .setDomain(QemuWorld.ref(NAME))
                    .setDisk("vda")
                    .setDestination(
                        Image.newBuilder()
                            .setPath(destination.toString())
                            .setFormat(ImageFormat.IMAGE_FORMAT_RAW))
                    .build());
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> job(started).getState() == JobState.JOB_STATE_READY);
    return started;
  }

  private Job keep(Job ready, boolean quiesced) {
    CompleteJobRequest.Builder request =
        CompleteJobRequest.newBuilder()
            .setJobId(ready.getId())
            .setCompletion(JobCompletion.JOB_COMPLETION_KEEP);
    if (quiesced) {
      request.setQuiesce(Quiesce.getDefaultInstance());
    }
    return jobs().complete(world.call(), request.build());
  }

  private Job keepOnceTheAgentListens(Job ready) {
    Awaitility.await().atMost(PATIENCE).until(() -> agentListens(ready));
    return keep(ready, true);
  }

  private boolean agentListens(Job job) {
    Path socket = Path.of(world.get(NAME).getStatus().getSerialLogPaths(0)).resolveSibling("agent");
    try {
      return new GuestAgentClient(socket, timers).status(Duration.ofSeconds(2))
              == FreezeStatus.THAWED
          && job(job).getState() == JobState.JOB_STATE_READY;
    } catch (GuestAgentException e) {
      return false;
    }
  }

  private ErrorReason refusal(Job ready) {
    try {
      return keep(ready, true).getState() == JobState.JOB_STATE_SUCCEEDED
          ? ErrorReason.ERROR_REASON_UNSPECIFIED
          : ErrorReason.UNRECOGNIZED;
    } catch (DriverException e) {
      return e.reason();
    }
  }

  private String features(Path image) {
    return world
        .program("dumpe2fs", "-h", image.toString())
        .lines()
        .filter(line -> line.startsWith("Filesystem features:"))
        .findFirst()
        .orElseThrow();
  }
}
