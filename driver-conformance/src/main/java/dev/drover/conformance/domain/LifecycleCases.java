package dev.drover.conformance.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Acceleration;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.SetDomainAutostartRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The life of a domain: every verb in every state. */
public final class LifecycleCases {

  private final Bench bench;

  /** Works on a bench. */
  public LifecycleCases(Bench bench) {
    this.bench = bench;
  }

  /**
   * A verb in a state.
   *
   * @param verb what is done
   * @param state the state it is done in
   */
  public record Step(Verb verb, DomainState state) {

    @Override
    public String toString() {
      return verb + " in " + state.name().substring("DOMAIN_STATE_".length());
    }
  }

  /** Every verb in every state a case can bring a domain into. */
  public static List<Step> matrix() {
    List<Step> steps = new ArrayList<>();
    for (DomainState state :
        List.of(
            DomainState.DOMAIN_STATE_SHUT_OFF,
            DomainState.DOMAIN_STATE_RUNNING,
            DomainState.DOMAIN_STATE_PAUSED)) {
      for (Verb verb : Verb.values()) {
        steps.add(new Step(verb, state));
      }
    }
    return steps;
  }

  /** Every verb. */
  public static List<Verb> verbs() {
    return Arrays.asList(Verb.values());
  }

  @Case("a verb does what its state allows, or is refused and changes nothing")
  @Requirement({"A12", "F3"})
  @EachOf("matrix")
  public void verbInState(Step step) {
    TestDomain domain = bench.define();
    switch (step.state()) {
      case DOMAIN_STATE_RUNNING -> domain.start(PowerState.RUNNING);
      case DOMAIN_STATE_PAUSED -> domain.start(PowerState.PAUSED);
      case DOMAIN_STATE_SHUT_OFF,
          DOMAIN_STATE_IN_SHUTDOWN,
          DOMAIN_STATE_CRASHED,
          DOMAIN_STATE_UNKNOWN,
          DOMAIN_STATE_UNSPECIFIED,
          UNRECOGNIZED -> {}
    }
    assertThat(domain.get().getStatus().getState()).isEqualTo(step.state());

    Optional<ErrorReason> refusal = step.verb().refusal(step.state());
    if (refusal.isPresent()) {
      Refusal.of(() -> step.verb().call(bench.calls(), domain.ref()))
          .is(refusal.get())
          .tells("domain", domain.name())
          .names("state");
      assertThat(domain.get().getStatus().getState()).isEqualTo(step.state());
    } else {
      Domain after = step.verb().call(bench.calls(), domain.byUuid());
      assertThat(after.getStatus().getState()).isIn(step.verb().after(step.state()));
    }
  }

  @Case("a verb for a domain that does not exist is refused")
  @Requirement({"A4"})
  @EachOf("verbs")
  public void verbWithoutDomain(Verb verb) {
    Refusal.of(
            () ->
                verb.call(
                    bench.calls(), DomainRef.newBuilder().setName(bench.name("absent")).build()))
        .is(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND)
        .names("domain");
  }

  @Case("a running domain tells its id, start, acceleration and live spec, one that is off nothing")
  @Requirement({"R25", "R4"})
  public void status() {
    TestDomain domain = bench.define();
    off(domain.get().getStatus());

    domain.start(PowerState.PAUSED);
    DomainStatus running = domain.get().getStatus();

    assertThat(running.getId()).isPositive();
    assertThat(running.getPersistent()).isTrue();
    assertThat(running.hasStartTime()).isTrue();
    assertThat(running.getCurrentMemoryBytes()).isEqualTo(running.getLiveSpec().getMemoryBytes());
    assertThat(running.hasObservedTime()).as("the age of the answer").isTrue();
    assertThat(running.getAcceleration())
        .as("what is really used")
        .isIn(Acceleration.ACCELERATION_KVM, Acceleration.ACCELERATION_TCG);
    assertThat(running.getAccelerationDetail()).as("why it is used").isNotBlank();
    assertThat(running.getLiveSpec().getName()).isEqualTo(domain.name());
    assertThat(running.getUnresponsive()).isFalse();
    assertThat(running.getUnresponsiveDetail()).as("what does not answer").isEmpty();
    assertThat(
            bench
                .calls()
                .domains()
                .getDomain(
                    GetDomainRequest.newBuilder()
                        .setDomain(DomainRef.newBuilder().setId(running.getId()))
                        .build())
                .getDomain()
                .getSpec()
                .getName())
        .isEqualTo(domain.name());
    domain.destroy();
    off(domain.get().getStatus());
  }

  private static void off(DomainStatus status) {
    assertThat(status.getId()).isZero();
    assertThat(status.hasLiveSpec()).isFalse();
    assertThat(status.hasStartTime()).as("the time it was started").isFalse();
    assertThat(status.getCurrentMemoryBytes()).isZero();
    assertThat(status.hasStateTime()).isTrue();
    assertThat(status.getAcceleration()).isEqualTo(Acceleration.ACCELERATION_UNSPECIFIED);
    assertThat(status.getAccelerationDetail()).isEmpty();
    assertThat(status.getUnresponsive()).isFalse();
  }

  @Case("destroy with graceful ends a domain too")
  @Requirement({"F3"})
  public void destroyGracefully() {
    TestDomain domain = bench.define().start();

    Domain after =
        bench
            .calls()
            .domains()
            .destroyDomain(
                DestroyDomainRequest.newBuilder().setDomain(domain.ref()).setGraceful(true).build())
            .getDomain();

    assertThat(after.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
  }

  @Case("a domain can be started and destroyed again and again, with a new id each time")
  @Requirement({"A12"})
  public void again() {
    TestDomain domain = bench.define();
    domain.start();
    int first = domain.get().getStatus().getId();
    domain.destroy();
    domain.start();

    assertThat(domain.get().getStatus().getId()).isGreaterThan(first);
  }

  @Case("undefining a running domain leaves it running until it ends, and then it is gone")
  @Requirement({"F1"})
  public void undefineRunning() {
    TestDomain domain = bench.define().start();
    domain.undefine();

    assertThat(domain.get().getStatus().getPersistent()).isFalse();
    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    Refusal.of(domain::undefine).is(ErrorReason.ERROR_REASON_DOMAIN_TRANSIENT);

    domain.destroy();
    Refusal.of(domain::get).is(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND);
  }

  @Case("a transient domain runs at once and is forgotten when it ends")
  @Requirement({"A12"})
  @Needs(Capability.CAPABILITY_DOMAIN_TRANSIENT)
  public void create() {
    DomainSpec spec = bench.spec(bench.name("vm"));
    Domain domain =
        bench
            .calls()
            .domains()
            .createDomain(CreateDomainRequest.newBuilder().setSpec(spec).setPaused(true).build())
            .getDomain();
    DomainRef ref = DomainRef.newBuilder().setUuid(domain.getSpec().getUuid()).build();

    assertThat(domain.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(domain.getStatus().getPersistent()).isFalse();
    if (bench.declared().contains(Capability.CAPABILITY_DOMAIN_AUTOSTART)) {
      Refusal.of(
              () ->
                  bench
                      .calls()
                      .domains()
                      .setDomainAutostart(
                          SetDomainAutostartRequest.newBuilder()
                              .setDomain(ref)
                              .setAutostart(true)
                              .build()))
          .is(ErrorReason.ERROR_REASON_DOMAIN_TRANSIENT);
    }

    var _ = Verb.DESTROY.call(bench.calls(), ref);
    Refusal.of(() -> Verb.SUSPEND.call(bench.calls(), ref))
        .is(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND);
  }

  @Case("defining a running transient domain makes it persistent")
  @Requirement({"F1"})
  @Needs(Capability.CAPABILITY_DOMAIN_TRANSIENT)
  public void makePersistent() {
    Domain created =
        bench
            .calls()
            .domains()
            .createDomain(
                CreateDomainRequest.newBuilder()
                    .setSpec(bench.spec(bench.name("vm")))
                    .setPaused(true)
                    .build())
            .getDomain();
    TestDomain domain = bench.define(created.getSpec());

    assertThat(domain.uuid()).isEqualTo(created.getSpec().getUuid());
    assertThat(domain.get().getStatus().getPersistent()).isTrue();
    domain.destroy();
    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
  }

  @Case("autostart is kept with the definition")
  @Requirement({"R8"})
  @Needs(Capability.CAPABILITY_DOMAIN_AUTOSTART)
  public void autostart() {
    TestDomain domain = bench.define();
    assertThat(domain.get().getStatus().getAutostart()).isFalse();

    SetDomainAutostartRequest on =
        SetDomainAutostartRequest.newBuilder().setDomain(domain.ref()).setAutostart(true).build();
    assertThat(
            bench.calls().domains().setDomainAutostart(on).getDomain().getStatus().getAutostart())
        .isTrue();
    var _ =
        bench
            .calls()
            .domains()
            .defineDomain(DefineDomainRequest.newBuilder().setSpec(domain.get().getSpec()).build());
    assertThat(domain.get().getStatus().getAutostart()).isTrue();

    var _ = bench.calls().domains().setDomainAutostart(on.toBuilder().setAutostart(false).build());
    assertThat(domain.get().getStatus().getAutostart()).isFalse();
  }

  @Case("a domain that runs is found again by a restarted daemon, untouched")
  @Requirement({"R27", "R1"})
  @Needs(Capability.CAPABILITY_DOMAIN_ADOPTION)
  public void adoption() {
    TestDomain domain = bench.define().start();
    DomainStatus before = domain.get().getStatus();

    if (bench.target().restartDaemon()) {
      DomainStatus after = domain.get().getStatus();
      assertThat(after.getState()).isEqualTo(before.getState());
      assertThat(after.getProcessId()).isEqualTo(before.getProcessId());
      assertThat(after.getId()).isEqualTo(before.getId());
      assertThat(after.getStartTime()).isEqualTo(before.getStartTime());
      domain.destroy();
    } else {
      assertThat(domain.get().getStatus()).as("a target without restarts").isEqualTo(before);
    }
  }
}
