package dev.drover.conformance.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Balloon;
import dev.drover.v1.Capability;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.NetworkInterface;
import dev.drover.v1.PowerAction;
import dev.drover.v1.PowerActions;
import dev.drover.v1.RandomSource;
import dev.drover.v1.SerialConsole;
import dev.drover.v1.UserNetwork;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/** Stored definitions (R24). */
public final class DefinitionCases {

  private final Bench bench;

  /** Works on a bench. */
  public DefinitionCases(Bench bench) {
    this.bench = bench;
  }

  @Case("defining what was read changes nothing")
  @Requirement({"R24"})
  public void defineWhatWasRead() {
    TestDomain domain = bench.define(everything());
    Domain before = domain.get();

    Domain again =
        bench
            .calls()
            .domains()
            .defineDomain(DefineDomainRequest.newBuilder().setSpec(before.getSpec()).build())
            .getDomain();

    assertThat(again.getSpec()).isEqualTo(before.getSpec());
    assertThat(again.getEtag()).isEqualTo(before.getEtag());
    assertThat(domain.get()).isEqualTo(again);
  }

  @Case("what a spec leaves open is filled in once and kept")
  @Requirement({"R24"})
  public void defaults() {
    DomainSpec spec =
        bench.spec(bench.name("vm")).toBuilder()
            .clearUuid()
            .clearVcpus()
            .addNetworkInterfaces(
                NetworkInterface.newBuilder().setUser(UserNetwork.getDefaultInstance()))
            .build();
    DomainSpec first = bench.define(spec).get().getSpec();
    DomainSpec second = bench.define(spec).get().getSpec();

    assertThat(first.getUuid()).hasSize(36);
    assertThat(first.getVcpus()).isEqualTo(1);
    assertThat(first.getNetworkInterfaces(0).getMacAddress()).hasSize(17);
    assertThat(second.getUuid()).isEqualTo(first.getUuid());
  }

  @Case("validate_only shows what would be stored and stores nothing")
  @Requirement({"R24"})
  public void validateOnly() {
    DomainSpec spec = bench.spec(bench.name("vm"));
    Domain shown =
        bench
            .calls()
            .domains()
            .defineDomain(
                DefineDomainRequest.newBuilder().setSpec(spec).setValidateOnly(true).build())
            .getDomain();

    assertThat(shown.getSpec().getName()).isEqualTo(spec.getName());
    assertThat(bench.domains()).isEmpty();
    Refusal.of(
            () ->
                bench
                    .calls()
                    .domains()
                    .defineDomain(
                        DefineDomainRequest.newBuilder()
                            .setSpec(spec.toBuilder().setMemoryBytes(0))
                            .setValidateOnly(true)
                            .build()))
        .is(ErrorReason.ERROR_REASON_DOMAIN_SPEC_INVALID);
  }

  @Case("an etag lets only the one redefine who read the newest definition")
  @Requirement({"R24"})
  public void etag() {
    TestDomain domain = bench.define();
    Domain read = domain.get();
    DefineDomainRequest change =
        DefineDomainRequest.newBuilder()
            .setSpec(read.getSpec().toBuilder().setTitle("first"))
            .setEtag(read.getEtag())
            .build();
    Domain first = bench.calls().domains().defineDomain(change).getDomain();
    assertThat(first.getEtag()).isNotEqualTo(read.getEtag());

    Refusal.of(
            () ->
                bench
                    .calls()
                    .domains()
                    .defineDomain(
                        change.toBuilder()
                            .setSpec(read.getSpec().toBuilder().setTitle("second"))
                            .build()))
        .is(ErrorReason.ERROR_REASON_ETAG_MISMATCH)
        .names("domain");
    assertThat(domain.get().getSpec().getTitle()).isEqualTo("first");
  }

  @Case("two domains cannot have one name")
  @Requirement({"R24"})
  public void sameName() {
    TestDomain domain = bench.define();

    Refusal.of(
            () ->
                bench.define(
                    bench.spec(domain.name()).toBuilder()
                        .setUuid("b0a4bd7e-0f5c-4f3c-9a53-5b5a3a4cf0c1")
                        .build()))
        .is(ErrorReason.ERROR_REASON_DOMAIN_ALREADY_EXISTS)
        .tells("domain", domain.name());
    assertThat(bench.domains()).hasSize(1);
  }

  @Case("a uuid in upper case is the one in lower case, in which it is shown")
  @Requirement({"R24"})
  public void uuidInUpperCase() {
    String uuid = UUID.randomUUID().toString();
    DomainSpec upper =
        bench.spec(bench.name("vm")).toBuilder().setUuid(uuid.toUpperCase(Locale.ROOT)).build();
    TestDomain domain = bench.define(upper);
    assertThat(domain.uuid()).isEqualTo(uuid);

    DomainRef ref = DomainRef.newBuilder().setUuid(upper.getUuid()).build();
    domain.start();
    assertThat(get(ref)).isEqualTo(domain.get());
    var _ = bench.calls().domains().destroyDomain(destroy(ref));
    assertThat(domain.active()).isFalse();

    assertThat(bench.define(upper.toBuilder().setTitle("again").build()).uuid()).isEqualTo(uuid);
    assertThat(get(ref).getSpec().getTitle()).isEqualTo("again");
    DomainSpec other = bench.spec(bench.name("vm"));
    for (String same : List.of(uuid, upper.getUuid())) {
      Refusal.of(() -> bench.define(other.toBuilder().setUuid(same).build()))
          .is(ErrorReason.ERROR_REASON_DOMAIN_ALREADY_EXISTS)
          .tells("domain", domain.name());
    }
    assertThat(bench.domains()).hasSize(1);
  }

  private Domain get(DomainRef ref) {
    return bench
        .calls()
        .domains()
        .getDomain(GetDomainRequest.newBuilder().setDomain(ref).build())
        .getDomain();
  }

  private static DestroyDomainRequest destroy(DomainRef ref) {
    return DestroyDomainRequest.newBuilder().setDomain(ref).build();
  }

  @Case("redefining a running domain leaves it as it runs until its next start")
  @Requirement({"R8"})
  public void redefineRunning() {
    TestDomain domain = bench.define().start();
    DomainSpec running = domain.get().getStatus().getLiveSpec();
    DomainSpec changed =
        domain.get().getSpec().toBuilder().setMemoryBytes(running.getMemoryBytes() * 2).build();

    domain = bench.define(changed);
    assertThat(domain.get().getSpec().getMemoryBytes()).isEqualTo(changed.getMemoryBytes());
    assertThat(domain.get().getStatus().getLiveSpec()).isEqualTo(running);

    domain.destroy();
    domain.start();
    assertThat(domain.get().getStatus().getLiveSpec().getMemoryBytes())
        .isEqualTo(changed.getMemoryBytes());
  }

  @Case("a domain with every typed device starts")
  @Requirement({"R24"})
  public void everyDevice() {
    TestDomain domain = bench.define(everything()).start();

    assertThat(domain.get().getStatus().getLiveSpec().getDisksList())
        .isEqualTo(domain.get().getSpec().getDisksList());
    assertThat(domain.get().getStatus().getSerialLogPathsCount())
        .as("a log for the one console, or none where guests have no output")
        .isBetween(0, 1);
  }

  @Case("arguments for the hypervisor are kept as given")
  @Requirement({"R24"})
  @Needs(Capability.CAPABILITY_QEMU_ARGUMENTS)
  public void hypervisorArguments() {
    DomainSpec spec =
        bench.spec(bench.name("vm")).toBuilder()
            .addQemuArgs("-name")
            .addQemuArgs("guest=conformance")
            .build();
    TestDomain domain = bench.define(spec);

    assertThat(domain.get().getSpec().getQemuArgsList()).isEqualTo(spec.getQemuArgsList());
    domain.start();
    assertThat(domain.get().getStatus().getId()).isPositive();
  }

  /** Every typed device; disks only where the driver has them. */
  private DomainSpec everything() {
    Disk[] disks =
        bench.declared().contains(Capability.CAPABILITY_BLOCK_CHAIN)
            ? new Disk[] {bench.chain("vda", "base", "active").disk()}
            : new Disk[0];
    return bench.spec(bench.name("vm"), disks).toBuilder()
        .setTitle("a title")
        .setDescription("a description\nof two lines")
        .putLabels("team", "conformance")
        .clearSerialConsoles()
        .addSerialConsoles(SerialConsole.getDefaultInstance())
        .addNetworkInterfaces(
            NetworkInterface.newBuilder()
                .setMacAddress("52:54:00:12:34:56")
                .setUser(UserNetwork.newBuilder().setRestrict(true)))
        .setRandomSource(RandomSource.getDefaultInstance())
        .setBalloon(Balloon.getDefaultInstance())
        .setPowerActions(
            PowerActions.newBuilder()
                .setOnPoweroff(PowerAction.POWER_ACTION_DESTROY)
                .setOnReboot(PowerAction.POWER_ACTION_RESTART))
        .build();
  }
}
