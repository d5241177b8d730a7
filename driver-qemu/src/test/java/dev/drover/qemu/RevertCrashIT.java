package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.store.MemoryStore;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R2, R8, R9: QEMU, the daemon, or both die at each step of a revert, right before and right after
 * it becomes durable. Whatever dies, the domain is on its old disks with a job that failed, or on
 * the reverted ones and started, and no file is left of what did not come about.
 */
@Tag("qemu")
@Tag("crash")
class RevertCrashIT {

  private static final String INTENTS = "qemu-snapshot-intents";

  private final QemuWorld world = new QemuWorld();
  private final RevertBench bench = new RevertBench(world);
  private final MemoryStore durable = new MemoryStore();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  /** What becomes durable. */
  enum Step {
    PREPARING,
    /** Empty files hold the places of the overlays. */
    RESERVED,
    DECIDED,
    MOVED,
    ENDED
  }

  /** When it strikes. */
  enum Moment {
    BEFORE,
    AFTER
  }

  /** Who dies. */
  enum Victim {
    QEMU,
    DAEMON,
    BOTH
  }

  static Stream<Arguments> everyStep() {
    return Stream.of(Step.values())
        .flatMap(
            step ->
                Stream.of(Moment.values())
                    .flatMap(
                        moment ->
                            Stream.of(Victim.values())
                                .map(victim -> Arguments.of(moment, step, victim))));
  }

  @ParameterizedTest(name = "{0} {1}: {2} dies")
  @MethodSource("everyStep")
  void itGoesForwardOrBackByItself(Moment moment, Step step, Victim victim) throws Exception {
    Path base = world.qcow2("one.qcow2");
    bench.write(base, 1);
    CutStore store = new CutStore(durable, moment, step);
    world.use(store);
    world.openDriver();
    world.define(QemuWorld.spec("dom", base));
    bench.snapshot("first");
    Path old = world.images().resolve("one.first");
    bench.write(old, 2);
    long pid = world.startPaused("dom").getStatus().getProcessId();
    store.arm(
        () -> {
          if (victim != Victim.QEMU) {
            store.cut();
          }
          if (victim != Victim.DAEMON) {
            world.killProcesses();
          }
        });

    boolean answered;
    try {
      bench.revert(RevertBench.request("first", RevertState.REVERT_STATE_PAUSED).build());
      answered = true;
    } catch (DaemonDeath e) {
      answered = false;
    }
    store.struck().get(60, TimeUnit.SECONDS);
    if (victim != Victim.QEMU) {
      world.closeDriver();
      world.use(durable);
      world.openDriver();
    }

    await()
        .atMost(Duration.ofSeconds(90))
        .until(() -> jobs().stream().allMatch(job -> JobTransitions.terminal(job.getState())));
    assertThat(world.store().list(INTENTS)).isEmpty();
    boolean moved = !bench.active().equals(old);
    assertThat(moved).isEqualTo(forward(moment, step, victim));
    if (moved) {
      assertForward(step, victim);
    } else {
      assertBack(old, pid, victim, answered);
    }
  }

  /** From the moment on at which the overlays are complete on record, it only goes forward. */
  private static boolean forward(Moment moment, Step step, Victim victim) {
    return switch (step) {
      case PREPARING, RESERVED -> victim == Victim.QEMU;
      case DECIDED -> victim == Victim.QEMU || moment == Moment.AFTER;
      case MOVED, ENDED -> true;
    };
  }

  private void assertForward(Step step, Victim victim) {
    assertThat(jobs())
        .singleElement()
        .satisfies(job -> assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED));
    assertThat(bench.active()).isEqualTo(world.images().resolve("one.first-1"));
    bench.assertHolds(bench.active(), 1);
    assertThat(bench.current()).isEqualTo("first");
    boolean startedAndKilled = step == Step.ENDED && victim != Victim.DAEMON;
    if (!startedAndKilled) {
      Domain domain = world.get("dom");
      assertThat(domain.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
      assertThat(domain.getStatus().getLiveSpec()).isEqualTo(domain.getSpec());
    }
    assertThat(world.processes().size()).isLessThanOrEqualTo(1);
  }

  private void assertBack(Path old, long pid, Victim victim, boolean answered) {
    assertThat(bench.active()).isEqualTo(old);
    bench.assertHolds(old, 2);
    assertThat(world.images().resolve("one.first-1")).doesNotExist();
    if (jobs().isEmpty()) {
      assertThat(answered).isFalse();
    } else {
      assertThat(jobs())
          .singleElement()
          .satisfies(job -> assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_FAILED));
    }
    assertThat(QemuWorld.lives(pid)).isEqualTo(victim == Victim.DAEMON);
  }

  private List<Job> jobs() {
    return world.driver().jobs().orElseThrow().list();
  }

  /** A store of a daemon that dies when an intent reaches a step. */
  private static final class CutStore implements Store {
    private final Store durable;
    private final Moment moment;
    private final Step step;
    private final Blow blow = new Blow();
    private volatile Optional<Runnable> strike = Optional.empty();

    CutStore(Store durable, Moment moment, Step step) {
      this.durable = durable;
      this.moment = moment;
      this.step = step;
    }

    void arm(Runnable action) {
      strike = Optional.of(action);
    }

    CompletableFuture<Boolean> struck() {
      return blow.struck();
    }

    void cut() {
      blow.cut();
    }

    @Override
    public void transact(Consumer<StoreTransaction> changes) {
      blow.requireAlive();
      List<Step> reached = new ArrayList<>();
      durable.transact(
          transaction -> {
            changes.accept(new Noting(transaction, reached));
            strikeWhere(Moment.BEFORE, reached);
            blow.requireAlive();
          });
      strikeWhere(Moment.AFTER, reached);
      blow.requireAlive();
    }

    private void strikeWhere(Moment now, List<Step> reached) {
      Optional<Runnable> due = strike;
      if (now == moment && reached.contains(step) && due.isPresent()) {
        strike = Optional.empty();
        blow.strike(due.get());
      }
    }

    @Override
    public Optional<ByteString> read(String collection, String key) {
      return durable.read(collection, key);
    }

    @Override
    public List<StoreRecord> list(String collection) {
      return durable.list(collection);
    }

    private record Noting(StoreTransaction transaction, List<Step> reached)
        implements StoreTransaction {
      @Override
      public void put(String collection, String key, ByteString content) {
        if (collection.equals(INTENTS)) {
          String text = content.toStringUtf8();
          Stream.of(Step.values())
              .filter(step -> text.contains("\"phase\":\"" + step + "\""))
              .map(step -> text.contains("\"overlays\"") ? reserved(step) : step)
              .forEach(reached::add);
        }
        transaction.put(collection, key, content);
      }

      private static Step reserved(Step step) {
        return step == Step.PREPARING ? Step.RESERVED : step;
      }

      @Override
      public void delete(String collection, String key) {
        if (collection.equals(INTENTS)) {
          reached.add(Step.ENDED);
        }
        transaction.delete(collection, key);
      }
    }
  }
}
