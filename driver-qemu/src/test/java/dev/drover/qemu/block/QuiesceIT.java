package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.drover.qemu.AgentGuest;
import dev.drover.qemu.QemuWorld;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.Jobs;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.Quiesce;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** D14: a guest with a mounted file system and qemu-guest-agent, whose copies are kept quiesced. */
@Timeout(300)
class QuiesceIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final QemuWorld world = new QemuWorld();
  private final AgentGuest guest = new AgentGuest(world);

  @AfterEach
  void endEveryQemu() {
    world.close();
    guest.close();
  }

  @Test
  void aKeptCopyHasACleanFileSystemAndTheGuestGoesOn() {
    world.openDriver();
    var _ = guest.start("");
    Path rough = world.images().resolve("rough.raw");
    assertThat(keep(mirror(rough), false).getResult().getQuiesced()).isFalse();
    assertThat(guest.features(rough)).contains("needs_recovery");

    Path quiet = world.images().resolve("quiet.raw");
    Job kept = keepOnceTheAgentListens(mirror(quiet));
    assertThat(kept.getResult().getQuiesced()).isTrue();
    assertThat(kept.getResult().hasGuestPause()).isTrue();
    assertThat(guest.features(quiet)).doesNotContain("needs_recovery");
    var _ = world.program("e2fsck", "-f", "-n", quiet.toString());
    guest.writesOn();
  }

  @Test
  void aGuestWithoutAnAgentIsRefusedAndItsJobIsReadyAsBefore() {
    world.openDriver();
    var _ = guest.start("drover.agent=0");
    Job ready = mirror(world.images().resolve("copy.raw"));
    assertThat(refusal(ready)).isEqualTo(ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE);
    assertThat(job(ready).getState()).isEqualTo(JobState.JOB_STATE_READY);
    guest.writesOn();
  }

  @Test
  void theGuestIsThawedByTheNextDaemonWhereOneDiesBetweenFreezeAndThaw() { // R2, R22
    MemoryStore durable = new MemoryStore();
    CountDownLatch over = new CountDownLatch(1);
    AtomicBoolean armed = new AtomicBoolean();
    world.use(new StuckStore(durable, armed, over));
    world.openDriver();
    var _ = guest.start("");
    Path copy = world.images().resolve("copy.raw");
    Job ready = mirror(copy);
    guest.awaitAgent();
    armed.set(true);
    Thread.ofVirtual().start(() -> refusal(ready));
    Awaitility.await().atMost(PATIENCE).until(() -> AgentGuest.frozen(durable));

    world.use(durable);
    world.openDriver();
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> job(ready).getState() == JobState.JOB_STATE_SUCCEEDED);
    assertThat(job(ready).getResult().getQuiesced()).isTrue();
    assertThat(guest.features(copy)).doesNotContain("needs_recovery");
    Awaitility.await().atMost(PATIENCE).until(() -> !AgentGuest.frozen(durable));
    guest.writesOn();
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
                    .setDomain(guest.ref())
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
    guest.awaitAgent();
    return keep(ready, true);
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
}
