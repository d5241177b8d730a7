package dev.drover.dist.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.Drover;
import dev.drover.client.EventWatch;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.server.config.ConfigException;
import dev.drover.server.config.ConfigReader;
import dev.drover.test.TestDriverProvider;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Resync;
import dev.drover.v1.ResyncReason;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** R6: a thousand watchers at a time, and some that do not read what they are told. */
@Timeout(300)
class ManyWatchersIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Events that the daemon holds for who is behind. */
  private static final int HISTORY = 64;

  private static final int CONNECTIONS = 10;
  private static final int WATCHES_EACH = 100;
  private static final int SLOW = 20;

  /** Of 4 kB each: more than the history and everything on the way to a client can hold. */
  private static final int CHANGES = 800;

  private static final String LAST = "last";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Drover> connections = new ArrayList<>();
  private EmbeddedDaemon daemon;
  private Path socket;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException, ConfigException {
    socket = directory.resolve("droverd.sock");
    Path config = directory.resolve("droverd.toml");
    Files.writeString(
        config,
        """
        [limits]
        watchers = %d
        event_history = %d
        """
            .formatted(CONNECTIONS * WATCHES_EACH + SLOW, HISTORY));
    daemon =
        EmbeddedDaemon.in(directory, new TestDriverProvider())
            .config(ConfigReader.read(config, List.of(new TestDriverProvider())))
            .onSocket(socket);
  }

  @AfterEach
  void end() {
    connections.forEach(Drover::close);
    threads.shutdownNow();
    daemon.close();
  }

  private Drover connect() {
    Drover drover =
        Drover.builder()
            .uri("test+unix:///default?socket=" + socket)
            .deadline(PATIENCE)
            .reconnectFor(PATIENCE)
            .build();
    connections.add(drover);
    return drover;
  }

  private static EventWatch watch(Drover drover) {
    return drover.watch(WatchRequest.newBuilder().addTypes(WatchType.WATCH_TYPE_DOMAIN).build());
  }

  @Test
  void aThousandWatchersBelieveWhatIsThere() {
    List<WatchedState> believed = new ArrayList<>();
    for (int connection = 0; connection < CONNECTIONS; connection++) {
      Drover drover = connect();
      for (int nth = 0; nth < WATCHES_EACH; nth++) {
        WatchedState state = new WatchedState();
        believed.add(state);
        EventWatch watch = watch(drover);
        threads.execute(() -> watch.forEach(state::apply));
      }
    }
    awaitThat(
        "every watcher knows the state",
        () -> believed.stream().allMatch(state -> state.knows("test")));
    Drover actor = connect();

    for (int round = 0; round < 25; round++) {
      String name = "churn-" + round % 4;
      actor.domains().define(spec(name, ""));
      actor.domain(name).start();
      actor.domain(name).destroy();
      actor.domain(name).undefine(false);
    }
    actor.domains().define(spec(LAST, ""));

    awaitThat(
        "every watcher knows the last domain",
        () -> believed.stream().allMatch(state -> state.knows(LAST)));
    List<String> there = names(actor);
    assertThat(there).containsExactlyInAnyOrder("test", LAST);
    assertThat(believed)
        .hasSize(CONNECTIONS * WATCHES_EACH)
        .allSatisfy(
            state ->
                assertThat(state.domains())
                    .extracting(domain -> domain.getSpec().getName())
                    .containsExactlyInAnyOrderElementsOf(there));
  }

  @Test
  void whoDoesNotReadIsToldTheStateAnew() {
    Drover slow = connect();
    List<EventWatch> unread = new ArrayList<>();
    for (int nth = 0; nth < SLOW; nth++) {
      EventWatch watch = watch(slow);
      // The first message says that the stream has begun; from here on nobody reads.
      assertThat(watch.next()).hasValueSatisfying(first -> assertThat(first.hasResync()).isTrue());
      unread.add(watch);
    }
    Drover actor = connect();
    String filler = "x".repeat(4000);

    DomainSpec big = actor.domains().define(spec("big", filler)).getSpec();
    for (int round = 0; round < CHANGES; round++) {
      actor.domains().define(big.toBuilder().setDescription(round + filler).build());
    }
    actor.domains().define(spec(LAST, ""));

    for (EventWatch watch : unread) {
      WatchedState state = new WatchedState();
      while (!state.knows(LAST)) {
        state.apply(watch.next().orElseThrow());
      }
      assertThat(state.resyncs())
          .extracting(Resync::getReason)
          .contains(ResyncReason.RESYNC_REASON_SLOW_CONSUMER);
      assertThat(state.domains())
          .extracting(domain -> domain.getSpec().getName())
          .containsExactlyInAnyOrderElementsOf(names(actor));
      assertThat(state.count()).isLessThan(CHANGES);
    }
  }

  private static List<String> names(Drover drover) {
    return drover.domains().list().stream().map(domain -> domain.getSpec().getName()).toList();
  }

  private static DomainSpec spec(String name, String description) {
    return DomainSpec.newBuilder()
        .setName(name)
        .setDescription(description)
        .setMemoryBytes(16L << 20)
        .build();
  }

  private static void awaitThat(String what, Callable<Boolean> condition) {
    Awaitility.await(what).atMost(PATIENCE).until(condition);
  }
}
