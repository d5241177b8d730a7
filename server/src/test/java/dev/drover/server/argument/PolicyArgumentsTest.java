package dev.drover.server.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Convergence;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ResumeJobRequest;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** R19, C20: which convergences are refused before a driver sees them, and which pass. */
class PolicyArgumentsTest {

  private static final DomainRef WEB = DomainRef.newBuilder().setName("web").build();

  private final ArgumentRules rules = new ArgumentRules();

  private static Convergence.Builder of(ConvergencePolicy policy) {
    return Convergence.newBuilder().setPolicy(policy);
  }

  private static Convergence.Builder pause(Duration most) {
    return of(ConvergencePolicy.CONVERGENCE_POLICY_PAUSE).setMaxPause(most);
  }

  private static Message copy(Convergence.Builder convergence) {
    return BlockCopyRequest.newBuilder()
        .setDomain(WEB)
        .setDisk("vda")
        .setDestination(Image.newBuilder().setPath("/copy").setFormat(ImageFormat.IMAGE_FORMAT_RAW))
        .setConvergence(convergence)
        .build();
  }

  private static Message commit(Convergence.Builder convergence) {
    return BlockCommitRequest.newBuilder()
        .setDomain(WEB)
        .setDisk("vda")
        .setConvergence(convergence)
        .build();
  }

  static Stream<Arguments> refused() {
    String policy = "convergence.policy";
    String pause = "convergence.max_pause";
    String deadline = "convergence.deadline";
    ErrorReason invalid = ErrorReason.ERROR_REASON_INVALID_ARGUMENT;
    ErrorReason range = ErrorReason.ERROR_REASON_OUT_OF_RANGE;
    return Stream.of(
        Arguments.of(
            invalid, policy, commit(of(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING))),
        Arguments.of(invalid, pause, copy(of(ConvergencePolicy.CONVERGENCE_POLICY_PAUSE))),
        Arguments.of(invalid, pause, commit(of(ConvergencePolicy.CONVERGENCE_POLICY_PAUSE))),
        Arguments.of(
            invalid,
            pause,
            copy(
                of(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING)
                    .setMaxPause(Durations.fromSeconds(1)))),
        Arguments.of(range, pause, copy(pause(Durations.ZERO))),
        Arguments.of(range, pause, copy(pause(Durations.fromSeconds(-1)))),
        Arguments.of(range, pause, copy(pause(Durations.fromNanos(999_999)))),
        Arguments.of(range, pause, copy(pause(Durations.fromMillis(60_001)))),
        Arguments.of(
            invalid, pause, copy(pause(Duration.newBuilder().setSeconds(1).setNanos(-1).build()))),
        Arguments.of(range, deadline, copy(Convergence.newBuilder().setDeadline(Durations.ZERO))),
        Arguments.of(
            range, deadline, commit(Convergence.newBuilder().setDeadline(Durations.MIN_VALUE))),
        Arguments.of(
            invalid,
            deadline,
            copy(
                Convergence.newBuilder()
                    .setDeadline(Duration.newBuilder().setSeconds(Long.MAX_VALUE)))),
        Arguments.of(invalid, "job_id", ResumeJobRequest.getDefaultInstance()));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatMeansNothingIsRefused(ErrorReason reason, String field, Message request) {
    DriverException refusal =
        catchThrowableOfType(DriverException.class, () -> rules.check(request));

    assertThat(refusal).as(request.toString()).isNotNull();
    assertThat(refusal.reason()).isEqualTo(reason);
    assertThat(refusal.metadata()).containsEntry("field", field);
  }

  static Stream<Message> accepted() {
    return Stream.of(
        copy(Convergence.newBuilder()),
        copy(of(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING)),
        copy(pause(Durations.fromMillis(1))),
        copy(pause(Durations.fromSeconds(60)).setDeadline(Durations.MAX_VALUE)),
        commit(pause(Durations.fromSeconds(1)).setDeadline(Durations.fromMillis(1))),
        ResumeJobRequest.newBuilder().setJobId("1").build());
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void whatIsMeantPasses(Message request) {
    assertThatNoException().isThrownBy(() -> rules.check(request));
  }
}
