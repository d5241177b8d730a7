package dev.drover.conformance.bench;

import dev.drover.conformance.Fill;
import dev.drover.v1.BackingChain;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainRef;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ListDisksRequest;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.SuspendDomainRequest;
import dev.drover.v1.UndefineDomainRequest;
import java.util.List;

/** A domain that a case made. */
public final class TestDomain {

  private final Bench bench;
  private final String name;
  private final String uuid;

  TestDomain(Bench bench, String name, String uuid) {
    this.bench = bench;
    this.name = name;
    this.uuid = uuid;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Its uuid. */
  public String uuid() {
    return uuid;
  }

  /** It, by name. */
  public DomainRef ref() {
    return DomainRef.newBuilder().setName(name).build();
  }

  /** It, by uuid. */
  public DomainRef byUuid() {
    return DomainRef.newBuilder().setUuid(uuid).build();
  }

  /** How it is now. */
  public Domain get() {
    return bench
        .calls()
        .domains()
        .getDomain(GetDomainRequest.newBuilder().setDomain(ref()).build())
        .getDomain();
  }

  /** Brings it, shut off as it is, into a state. */
  public TestDomain start(PowerState state) {
    return switch (state) {
      case OFF -> this;
      case PAUSED -> start(true);
      case RUNNING -> start(false);
    };
  }

  private TestDomain start(boolean paused) {
    var _ =
        bench
            .calls()
            .domains()
            .startDomain(
                StartDomainRequest.newBuilder().setDomain(ref()).setPaused(paused).build());
    return this;
  }

  /** Starts it with its processors held, the cheapest way to have a hypervisor at work. */
  public TestDomain start() {
    return start(PowerState.PAUSED);
  }

  /** Has its processors held. */
  public void suspend() {
    var _ =
        bench
            .calls()
            .domains()
            .suspendDomain(SuspendDomainRequest.newBuilder().setDomain(ref()).build());
  }

  /** Lets its processors go on. */
  public void resume() {
    var _ =
        bench
            .calls()
            .domains()
            .resumeDomain(ResumeDomainRequest.newBuilder().setDomain(ref()).build());
  }

  /** Ends it. */
  public void destroy() {
    var _ =
        bench
            .calls()
            .domains()
            .destroyDomain(DestroyDomainRequest.newBuilder().setDomain(ref()).build());
  }

  /** Forgets its definition. */
  public void undefine() {
    var _ =
        bench
            .calls()
            .domains()
            .undefineDomain(UndefineDomainRequest.newBuilder().setDomain(ref()).build());
  }

  /** Writes as its guest; writes of nothing need no guest. */
  public void write(String target, List<Fill> writes) {
    if (!writes.isEmpty()) {
      bench.world().write(name, target, writes);
    }
  }

  /** Whether anything runs. */
  public boolean active() {
    return get().getStatus().getId() != 0;
  }

  /** Its disks as listed. */
  public List<DomainDisk> disks() {
    return bench
        .calls()
        .blocks()
        .listDisks(ListDisksRequest.newBuilder().setDomain(ref()).build())
        .getDisksList();
  }

  /** A disk's chain as listed. */
  public BackingChain chain(String target) {
    return bench
        .calls()
        .blocks()
        .getBackingChain(
            GetBackingChainRequest.newBuilder().setDomain(ref()).setDisk(target).build())
        .getChain();
  }

  /** The source of a disk in the stored definition. */
  public Image stored(String target) {
    return get().getSpec().getDisksList().stream()
        .filter(disk -> disk.getTarget().equals(target))
        .map(Disk::getSource)
        .findFirst()
        .orElseThrow();
  }
}
