package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.drover.server.fake.ApiMethods;
import dev.drover.server.fake.FakeDriver;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.spi.CallContext;
import dev.drover.v1.Effect;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R10: a driver that does not answer costs its callers their deadline, and the daemon nothing. Each
 * call that may block is tried, as the API's rules tell it.
 */
class SilentDriverTest {

  private static final int CALLS = 10_000;
  private static final int AT_ONCE = 100;
  private static final int NOISE = 40;
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /** What any request needs; each takes the fields that it has. */
  private static final String EVERY_FIELD =
      """
      {
        "domain": {"name": "web"},
        "disk": "vda",
        "name": "s",
        "spec": {"name": "new", "memoryBytes": "268435456", "vcpus": 1},
        "destination": {"path": "/images/copy.qcow2", "format": "IMAGE_FORMAT_QCOW2"},
        "bandwidth": {"bytesPerSecond": "1048576"},
        "snapshot": {
          "name": "t",
          "domainState": "DOMAIN_STATE_SHUT_OFF",
          "disks": [{
            "target": "vda",
            "frozen": {"path": "/images/t.qcow2", "format": "IMAGE_FORMAT_QCOW2"}
          }]
        }
      }
      """;

  private static final String JOB_FIELDS =
      """
      {"jobId": "1", "jobIds": ["1"], "completion": "JOB_COMPLETION_PIVOT"}
      """;

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();
  private final CountDownLatch release = new CountDownLatch(1);
  private RunningDaemon daemon;

  @BeforeEach
  void start() {
    daemon = RunningDaemon.inProcess(directory, provider);
    FakeDriver driver = provider.driver();
    driver.put("web");
    driver.putSilently(FakeDriver.job("1", JobState.JOB_STATE_READY));
    driver.put(Snapshot.newBuilder().setName("s").setDomainName("web").build());
  }

  @AfterEach
  void stop() {
    release.countDown();
    daemon.close();
  }

  static Stream<Arguments> methodsThatMayBlock() {
    return ApiMethods.all()
        .filter(method -> method.getFullMethodName().startsWith("drover.v1."))
        .filter(method -> ApiMethods.rule(method).getEffect() != Effect.EFFECT_READS)
        .map(method -> Arguments.of(method.getFullMethodName(), method));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methodsThatMayBlock")
  void noCallWaitsLongerThanItsDeadline(String name, MethodDescriptor<Message, Message> method) {
    provider.driver().onCall(_ -> awaitRelease());
    Duration deadline = Duration.ofMillis(250);
    // On a slow machine a call may be over before it gets to the driver.
    while (provider.driver().seen().isEmpty() && deadline.compareTo(LONGEST) < 0) {
      assertThat(call(method, sound(method), deadline))
          .as(name)
          .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      deadline = deadline.multipliedBy(2);
    }

    assertThat(provider.driver().seen()).as("the driver was asked").isNotEmpty();
  }

  @Test
  void nothingIsLostWithTenThousandCallsThatWereNotAnswered() throws Exception {
    provider.driver().onCall(seen -> awaitGone(seen.call()));
    MethodDescriptor<Message, Message> method =
        ApiMethods.all()
            .filter(one -> one.getFullMethodName().endsWith("/StartDomain"))
            .findFirst()
            .orElseThrow();
    Message request = sound(method);
    storm(method, request, CALLS / 10);
    int threads = threads();
    long descriptors = descriptors();

    storm(method, request, CALLS);

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              assertThat(threads()).isLessThan(threads + NOISE);
              assertThat(descriptors()).isLessThan(descriptors + NOISE);
            });
    provider.driver().onCall(_ -> {});
    assertThat(call(method, request, Duration.ofSeconds(10))).isEqualTo(Status.Code.OK);
  }

  private void storm(MethodDescriptor<Message, Message> method, Message request, int calls)
      throws Exception {
    try (ExecutorService callers = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<Status.Code>> answers =
          IntStream.range(0, calls)
              .mapToObj(_ -> callers.submit(() -> call(method, request, Duration.ofMillis(20))))
              .toList();
      for (Future<Status.Code> answer : answers) {
        assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      }
    }
  }

  private Status.Code call(
      MethodDescriptor<Message, Message> method, Message request, Duration deadline) {
    try {
      var _ =
          ClientCalls.blockingUnaryCall(
              daemon.channel(),
              method,
              CallOptions.DEFAULT.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS),
              request);
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  /** A request that passes the rules of the arguments, so that the driver is asked. */
  private static Message sound(MethodDescriptor<Message, Message> method) {
    Message.Builder request = ApiMethods.empty(method).toBuilder();
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(EVERY_FIELD, request);
      if (method.getFullMethodName().startsWith(JobServiceGrpc.SERVICE_NAME)) {
        JsonFormat.parser().ignoringUnknownFields().merge(JOB_FIELDS, request);
      }
      return request.build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitRelease() {
    try {
      assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As a driver does that heeds its call: it looks whether anybody waits for it. */
  private void awaitGone(CallContext call) {
    await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(60))
        .until(() -> call.cancelled().getAsBoolean() || release.getCount() == 0);
  }

  private static int threads() {
    return ManagementFactory.getThreadMXBean().getThreadCount();
  }

  private static long descriptors() {
    return ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
        .getOpenFileDescriptorCount();
  }
}
