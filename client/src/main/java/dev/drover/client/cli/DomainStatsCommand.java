package dev.drover.client.cli;

import dev.drover.client.DomainHandle;
import dev.drover.v1.BackingChain;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.DomainStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code drover domstats}: numbers about domains by libvirt's names, for programs. */
@Command(
    name = "domstats",
    description = "Show numbers about domains, by libvirt's names; without a group, all of them.")
final class DomainStatsCommand extends Verb {
  @Parameters(
      arity = "0..*",
      paramLabel = "DOMAIN",
      description = "Names, ids or UUIDs of domains. Default: all.")
  private List<String> names = List.of();

  @Option(names = "--state", description = "The state, and how it came about.")
  private boolean state;

  @Option(names = "--balloon", description = "Memory.")
  private boolean balloon;

  @Option(names = "--vcpu", description = "Processors.")
  private boolean vcpu;

  @Option(names = "--block", description = "Disks and what they occupy.")
  private boolean block;

  @Option(names = "--backing", description = "With disks: their backing images too.")
  private boolean backing;

  @Option(names = "--raw", description = "Plain numbers: always so.")
  @SuppressWarnings("unused") // Accepted as virsh does.
  private boolean raw;

  @Option(
      names = {
        "--cpu-total",
        "--interface",
        "--perf",
        "--iothread",
        "--memory",
        "--dirtyrate",
        "--vm"
      },
      description = "Accepted as virsh does: there are no such numbers, which --enforce tells.")
  private boolean[] missing = {};

  @Option(names = "--enforce", description = "Fail where a group that was asked for is missing.")
  private boolean enforce;

  @Option(
      names = "--nowait",
      description = "Leave out the disks of domains whose hypervisor does not answer.")
  private boolean nowait;

  @Option(names = "--list-active", description = "Active domains.")
  private boolean active;

  @Option(names = "--list-inactive", description = "Inactive domains.")
  private boolean inactive;

  @Option(names = "--list-persistent", description = "Persistent domains.")
  private boolean persistent;

  @Option(names = "--list-transient", description = "Transient domains.")
  private boolean transientOnly;

  @Option(names = "--list-running", description = "Running domains.")
  private boolean running;

  @Option(names = "--list-paused", description = "Paused domains.")
  private boolean paused;

  @Option(names = "--list-shutoff", description = "Domains that are shut off.")
  private boolean shutOff;

  @Option(names = "--list-other", description = "Domains in any other state.")
  private boolean other;

  DomainStatsCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    if (enforce && missing.length > 0) {
      throw new CommandFailure(
          "There are the groups --state, --balloon, --vcpu and --block, and no others");
    }
    List<Domain> domains =
        names.isEmpty()
            ? drover().domains().list().stream().filter(this::chosen).toList()
            : names.stream().map(this::domain).map(DomainHandle::get).toList();
    if (!output().forPeople()) {
      output().document(domains.stream().map(this::document).toList());
      return;
    }
    for (int i = 0; i < domains.size(); i++) {
      if (i > 0) {
        output().line("");
      }
      output().line("Domain: '%s'".formatted(name(domains.get(i))));
      numbers(domains.get(i)).forEach((key, value) -> output().line("  " + key + "=" + value));
    }
  }

  private Map<String, Object> document(Domain domain) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("domain", name(domain));
    values.put("stats", numbers(domain));
    return values;
  }

  private boolean chosen(Domain domain) {
    DomainState is = domain.getStatus().getState();
    boolean byState =
        switch (is) {
          case DOMAIN_STATE_RUNNING -> running;
          case DOMAIN_STATE_PAUSED -> paused;
          case DOMAIN_STATE_SHUT_OFF -> shutOff;
          case DOMAIN_STATE_IN_SHUTDOWN,
              DOMAIN_STATE_CRASHED,
              DOMAIN_STATE_UNKNOWN,
              DOMAIN_STATE_UNSPECIFIED,
              UNRECOGNIZED ->
              other;
        };
    boolean anyState = !running && !paused && !shutOff && !other;
    return (anyState || byState)
        && (active == inactive || Texts.active(is) == active)
        && (persistent == transientOnly || domain.getStatus().getPersistent() == persistent);
  }

  private Map<String, Object> numbers(Domain domain) {
    boolean all = !state && !balloon && !vcpu && !block && missing.length == 0;
    DomainStatus status = domain.getStatus();
    DomainSpec spec = status.hasLiveSpec() ? status.getLiveSpec() : domain.getSpec();
    Map<String, Object> numbers = new LinkedHashMap<>();
    if (all || state) {
      numbers.put("state.state", state(status.getState()));
      numbers.put("state.reason", reason(status.getState(), status.getReason()));
    }
    if (all || balloon) {
      if (status.getCurrentMemoryBytes() != 0) {
        numbers.put("balloon.current", status.getCurrentMemoryBytes() >>> 10);
      }
      numbers.put("balloon.maximum", spec.getMemoryBytes() >>> 10);
    }
    if (all || vcpu) {
      numbers.put("vcpu.current", Math.max(1, spec.getVcpus()));
      numbers.put("vcpu.maximum", Math.max(1, spec.getVcpus()));
    }
    if ((all || block) && !(nowait && status.getUnresponsive())) {
      addDisks(numbers, domain(domain.getSpec().getUuid()));
    }
    return numbers;
  }

  private void addDisks(Map<String, Object> numbers, DomainHandle domain) {
    List<Map<String, Object>> blocks = new ArrayList<>();
    for (DomainDisk disk : domain.disks()) {
      if (!disk.hasSource()) {
        blocks.add(block(disk));
        continue;
      }
      BackingChain chain = domain.disk(disk.getTarget()).chain();
      for (ChainImage image :
          chain.getImagesList().subList(0, backing ? chain.getImagesCount() : 1)) {
        Map<String, Object> values = block(disk);
        values.put("path", image.getPath());
        if (backing && image.getIndex() > 0) {
          values.put("backingIndex", image.getIndex());
        }
        values.put("allocation", image.getAllocatedBytes());
        values.put(
            "capacity",
            image.getIndex() == 0 ? disk.getCapacityBytes() : image.getVirtualSizeBytes());
        blocks.add(values);
      }
    }
    numbers.put("block.count", blocks.size());
    for (int i = 0; i < blocks.size(); i++) {
      String prefix = "block.%d.".formatted(i);
      blocks.get(i).forEach((key, value) -> numbers.put(prefix + key, value));
    }
  }

  private static Map<String, Object> block(DomainDisk disk) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("name", disk.getTarget());
    return values;
  }

  /** Number of libvirt's virDomainState. */
  private static int state(DomainState state) {
    return switch (state) {
      case DOMAIN_STATE_RUNNING -> 1;
      case DOMAIN_STATE_PAUSED -> 3;
      case DOMAIN_STATE_IN_SHUTDOWN -> 4;
      case DOMAIN_STATE_SHUT_OFF -> 5;
      case DOMAIN_STATE_CRASHED -> 6;
      case DOMAIN_STATE_UNKNOWN, DOMAIN_STATE_UNSPECIFIED, UNRECOGNIZED -> 0;
    };
  }

  /** Number of libvirt's reason within the state; 0 where libvirt knows none like it. */
  private static int reason(DomainState state, DomainStateReason reason) {
    return switch (reason) {
      case DOMAIN_STATE_REASON_BOOTED -> 1;
      case DOMAIN_STATE_REASON_USER -> state == DomainState.DOMAIN_STATE_RUNNING ? 5 : 1;
      case DOMAIN_STATE_REASON_STARTING_UP -> 11;
      case DOMAIN_STATE_REASON_SHUTDOWN, DOMAIN_STATE_REASON_PANICKED -> 1;
      case DOMAIN_STATE_REASON_DESTROYED -> 2;
      case DOMAIN_STATE_REASON_CRASHED -> state == DomainState.DOMAIN_STATE_PAUSED ? 10 : 3;
      case DOMAIN_STATE_REASON_IO_ERROR -> 5;
      case DOMAIN_STATE_REASON_FAILED -> 6;
      case DOMAIN_STATE_REASON_BLOCK_OPERATION -> 9;
      case DOMAIN_STATE_REASON_ADOPTED, DOMAIN_STATE_REASON_UNSPECIFIED, UNRECOGNIZED -> 0;
    };
  }

  @Override
  String failure() {
    return "Failed to get statistics of domains";
  }
}
