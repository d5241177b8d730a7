package dev.drover.conformance.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.Convergence;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.JobCompletion;
import java.util.List;

/** Policies of jobs that contradict themselves or are out of range (C20, R19). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_BLOCK_PULL,
  Capability.CAPABILITY_BLOCK_COPY,
  Capability.CAPABILITY_BLOCK_COMMIT,
  Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
  Capability.CAPABILITY_JOB_POLICIES
})
public final class PolicyArgumentCases {

  private static final int UNKNOWN = 99;

  private final Bench bench;

  /** Works on a bench. */
  public PolicyArgumentCases(Bench bench) {
    this.bench = bench;
  }

  /**
   * A convergence that is refused.
   *
   * @param name what is wrong with it
   * @param convergence it
   * @param reason the refusal
   * @param field the field that the refusal names
   */
  public record Wrong(String name, Convergence convergence, ErrorReason reason, String field) {

    @Override
    public String toString() {
      return name;
    }
  }

  /** What is refused for copies and active commits alike. */
  public static List<Wrong> wrong() {
    Convergence.Builder pause =
        Convergence.newBuilder().setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_PAUSE);
    return List.of(
        maxPause("pause-without-limit", pause.clone(), ErrorReason.ERROR_REASON_INVALID_ARGUMENT),
        maxPause(
            "limit-without-pause",
            Convergence.newBuilder()
                .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_NONE)
                .setMaxPause(duration(1, 0)),
            ErrorReason.ERROR_REASON_INVALID_ARGUMENT),
        maxPause(
            "limit-without-policy",
            Convergence.newBuilder().setMaxPause(duration(1, 0)),
            ErrorReason.ERROR_REASON_INVALID_ARGUMENT),
        maxPause(
            "no-pause",
            pause.clone().setMaxPause(duration(0, 0)),
            ErrorReason.ERROR_REASON_OUT_OF_RANGE),
        maxPause(
            "pause-too-short",
            pause.clone().setMaxPause(duration(0, 999_999)),
            ErrorReason.ERROR_REASON_OUT_OF_RANGE),
        maxPause(
            "pause-too-long",
            pause.clone().setMaxPause(duration(60, 1)),
            ErrorReason.ERROR_REASON_OUT_OF_RANGE),
        maxPause(
            "pause-backwards",
            pause.clone().setMaxPause(duration(-1, 0)),
            ErrorReason.ERROR_REASON_OUT_OF_RANGE),
        maxPause(
            "pause-that-is-no-duration",
            pause.clone().setMaxPause(duration(1, 2_000_000_000)),
            ErrorReason.ERROR_REASON_INVALID_ARGUMENT),
        deadline("no-time", duration(0, 0), ErrorReason.ERROR_REASON_OUT_OF_RANGE),
        deadline("time-backwards", duration(-5, 0), ErrorReason.ERROR_REASON_OUT_OF_RANGE),
        deadline(
            "time-that-is-no-duration", duration(1, -1), ErrorReason.ERROR_REASON_INVALID_ARGUMENT),
        deadline(
            "time-without-end",
            duration(Long.MAX_VALUE, 0),
            ErrorReason.ERROR_REASON_INVALID_ARGUMENT),
        new Wrong(
            "unknown-policy",
            Convergence.newBuilder().setPolicyValue(UNKNOWN).build(),
            ErrorReason.ERROR_REASON_UNKNOWN_FIELD,
            "convergence.policy"));
  }

  @Case("a convergence that means nothing is refused before anything is begun")
  @Requirement({"R19", "A4"})
  @EachOf("wrong")
  public void convergence(Wrong wrong) {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();

    Refusal copy =
        Refusal.of(() -> bench.jobs().copy(copy(domain).setConvergence(wrong.convergence())))
            .is(wrong.reason());
    Refusal commit =
        Refusal.of(() -> bench.jobs().commit(commit(domain).setConvergence(wrong.convergence())))
            .is(wrong.reason());

    assertThat(List.of(copy, commit))
        .allSatisfy(refusal -> assertThat(refusal.text()).contains(wrong.field()));
    nothing(domain);
  }

  @Case("an active commit cannot let guest writes wait, and other commits are no mirrors")
  @Requirement({"R19", "D4"})
  public void commits() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start();
    Convergence blocking =
        Convergence.newBuilder()
            .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING)
            .build();

    Refusal.of(() -> bench.jobs().commit(commit(domain).setConvergence(blocking)))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "convergence.policy");
    Refusal.of(
            () ->
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setTop(chain.path("snap2"))
                            .setConvergence(Convergence.newBuilder().setDeadline(duration(5, 0)))))
        .is(ErrorReason.ERROR_REASON_JOB_KIND_INVALID);
    Refusal.of(
            () ->
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setTop(chain.path("snap2"))
                            .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)))
        .is(ErrorReason.ERROR_REASON_JOB_KIND_INVALID);
    nothing(domain);
  }

  @Case("an error policy that the daemon does not know is refused, as ignoring errors is")
  @Requirement({"C20", "A9"})
  public void onError() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();

    for (Runnable call :
        List.<Runnable>of(
            () -> bench.jobs().copy(copy(domain).setOnErrorValue(UNKNOWN)),
            () -> bench.jobs().commit(commit(domain).setOnErrorValue(UNKNOWN)),
            () ->
                bench
                    .jobs()
                    .pull(
                        BlockPullRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setOnErrorValue(UNKNOWN)))) {
      Refusal.of(call).is(ErrorReason.ERROR_REASON_UNKNOWN_FIELD);
    }
    nothing(domain);
  }

  private static Wrong maxPause(String name, Convergence.Builder convergence, ErrorReason reason) {
    return new Wrong(name, convergence.build(), reason, "convergence.max_pause");
  }

  private static Wrong deadline(String name, Duration deadline, ErrorReason reason) {
    return new Wrong(
        name,
        Convergence.newBuilder().setDeadline(deadline).build(),
        reason,
        "convergence.deadline");
  }

  private static Duration duration(long seconds, int nanos) {
    return Duration.newBuilder().setSeconds(seconds).setNanos(nanos).build();
  }

  private void nothing(TestDomain domain) {
    assertThat(bench.jobs().of(domain)).as("jobs on record").isEmpty();
    assertThat(bench.world().look(destination()).exists()).as("a destination").isFalse();
  }

  private static BlockCommitRequest.Builder commit(TestDomain domain) {
    return BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk("vda").setActive(true);
  }

  private BlockCopyRequest.Builder copy(TestDomain domain) {
    return BlockCopyRequest.newBuilder()
        .setDomain(domain.ref())
        .setDisk("vda")
        .setDestination(destination());
  }

  private Image destination() {
    return Image.newBuilder()
        .setPath(bench.path("copy.qcow2"))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }
}
