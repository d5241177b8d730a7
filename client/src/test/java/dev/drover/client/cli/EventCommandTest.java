package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.drover.client.FakeDaemon;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.Event;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.WatchType;
import dev.drover.v1.WatchedObject;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventCommandTest { // R6
  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);
  private Domain web;

  @BeforeEach
  void domain() {
    web = daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 1);
  }

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  private CompletableFuture<CommandLineRun.Result> watching(String... arguments) {
    CompletableFuture<CommandLineRun.Result> run = drover.begin(arguments);
    await().until(() -> daemon.events.watchers() == 1);
    return run;
  }

  private Event domainEvent(EventKind kind) {
    return Event.newBuilder()
        .setKind(kind)
        .setTime(Timestamp.newBuilder().setSeconds(1_700_000_000))
        .setObject(WatchedObject.newBuilder().setDomain(web))
        .build();
  }

  private static Event jobEvent(EventKind kind, JobState state) {
    return Event.newBuilder()
        .setKind(kind)
        .setObject(
            WatchedObject.newBuilder()
                .setJob(
                    Job.newBuilder()
                        .setKind(JobKind.JOB_KIND_ACTIVE_COMMIT)
                        .setState(state)
                        .setDomainName("web")
                        .setDisk("vda")))
        .build();
  }

  @Test
  void oneEventEndsTheCommandWithoutLoop() {
    CompletableFuture<CommandLineRun.Result> run = watching("event", "lifecycle", "--timestamp");
    daemon.events.publish(domainEvent(EventKind.EVENT_KIND_DOMAIN_UPDATED));
    daemon.events.publish(domainEvent(EventKind.EVENT_KIND_DOMAIN_STARTED));

    assertThat(run.join())
        .isEqualTo(
            new CommandLineRun.Result(
                0,
                """
                2023-11-14 22:13:20 +0000: event 'lifecycle' for domain 'web': Started Booted
                events received: 1

                """,
                ""));
    assertThat(daemon.events.requests.getFirst().getTypesList())
        .containsExactly(WatchType.WATCH_TYPE_DOMAIN);
    assertThat(daemon.events.requests.getFirst().getLiveOnly()).isTrue();
  }

  @Test
  void namesAndLabelsOfDomainsAreAskedFor() {
    CompletableFuture<CommandLineRun.Result> run =
        watching("event", "--all", "--name-glob", "w*", "--label", "tier=gold", "--label", "a=b");
    daemon.events.publish(domainEvent(EventKind.EVENT_KIND_DOMAIN_STARTED));

    assertThat(run.join().code()).isZero();
    assertThat(daemon.events.requests.getFirst().getNameGlob()).isEqualTo("w*");
    assertThat(daemon.events.requests.getFirst().getLabelsMap())
        .isEqualTo(Map.of("tier", "gold", "a", "b"));
  }

  @Test
  void aLoopGoesOnUntilCtrlC() {
    CompletableFuture<CommandLineRun.Result> run =
        watching("event", "web", "block-job-2", "--loop");
    daemon.events.publish(
        jobEvent(EventKind.EVENT_KIND_JOB_STATE_CHANGED, JobState.JOB_STATE_READY));
    daemon.events.publish(jobEvent(EventKind.EVENT_KIND_JOB_PROGRESSED, JobState.JOB_STATE_READY));
    daemon.events.publish(
        jobEvent(EventKind.EVENT_KIND_JOB_STATE_CHANGED, JobState.JOB_STATE_SUCCEEDED));
    await().until(() -> drover.interrupts.awaited() && drover.printed().contains("completed"));

    drover.interrupts.press();

    assertThat(run.join().out())
        .isEqualTo(
            """
            event 'block-job' for domain 'web': Active Block Commit for vda ready
            event 'block-job' for domain 'web': Active Block Commit for vda completed
            event loop interrupted
            events received: 2

            """);
    assertThat(daemon.events.requests.getFirst().getDomain().getName()).isEqualTo("web");
  }

  @Test
  void aLoopEndsWithItsReader() {
    CompletableFuture<CommandLineRun.Result> run =
        CompletableFuture.supplyAsync(
            () -> drover.into(new ClosedPipe(), "event", "--all", "--loop"),
            Executors.newVirtualThreadPerTaskExecutor());
    await().until(() -> daemon.events.watchers() == 1);
    daemon.events.publish(domainEvent(EventKind.EVENT_KIND_DOMAIN_STARTED));

    assertThat(run.join().code()).isEqualTo(1);
  }

  @Test
  void whereEventsMayBeMissingItSaysSo() {
    CompletableFuture<CommandLineRun.Result> run = watching("event", "lifecycle", "--loop");
    daemon.events.publish(domainEvent(EventKind.EVENT_KIND_DOMAIN_STARTED));
    daemon.events.resyncAll();
    daemon.events.publish(domainEvent(EventKind.EVENT_KIND_DOMAIN_STARTED));
    await()
        .until(() -> drover.interrupts.awaited() && drover.printed().lines().toList().size() == 2);

    drover.interrupts.press();

    assertThat(run.join().err())
        .isEqualTo("Events may be missing here: they came faster than they were read\n");
  }

  @Test
  void theTimeoutEndsALoop() {
    assertThat(drover.run("event", "--all", "--loop", "--timeout", "1"))
        .isEqualTo(
            new CommandLineRun.Result(0, "event loop timed out\nevents received: 0\n\n", ""));
  }

  @Test
  void programsGetALineOfJsonForEachEvent() {
    CompletableFuture<CommandLineRun.Result> run = watching("event", "--all", "-o", "json");
    daemon.events.publish(domainEvent(EventKind.EVENT_KIND_DOMAIN_STOPPED));

    assertThat(run.join().out().lines())
        .singleElement()
        .asString()
        .startsWith("{\"time\":\"2023-11-14T22:13:20Z\",\"kind\":\"EVENT_KIND_DOMAIN_STOPPED\"");
  }

  @Test
  void theTypesAreListed() {
    assertThat(drover.run("event", "--list").out())
        .isEqualTo("lifecycle\ndomain-change\nblock-job\njob-progress\nsnapshot\n\n");
  }
}
