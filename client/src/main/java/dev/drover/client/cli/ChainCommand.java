package dev.drover.client.cli;

import dev.drover.client.DiskHandle;
import dev.drover.client.DomainHandle;
import dev.drover.v1.BackingChain;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.RepairChainResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code drover domain chain}: shows chains, compares them, and repairs one when told. */
@Command(
    name = "chain",
    description = {
      "Show the backing chains of a domain's disks, the active image first.",
      "With --verify, tell where the stored definition, the hypervisor and the headers of the"
          + " images disagree; with --repair, what would mend it, which --yes applies. Ends with 1"
          + " where something disagrees."
    })
final class ChainCommand extends DomainVerb {
  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PATH",
      description = "Target (vda) or source of the disk. Default: every disk.")
  private Optional<String> path = Optional.empty();

  @Option(names = "--verify", description = "Compare what is known of each chain.")
  private boolean verify;

  @Option(
      names = "--repair",
      description = "Show what would mend the chain of PATH; with --yes, do it.")
  private boolean repair;

  @ArgGroup(exclusive = true)
  private Consent consent = new Consent();

  /** Whether a repair is applied. */
  static final class Consent {
    @Option(names = "--yes", description = "With --repair: apply it.")
    private boolean yes;

    @Option(names = "--dry-run", description = "With --repair: only show it, which is the default.")
    private boolean dryRun;
  }

  private boolean consistent = true;

  ChainCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    if (!repair && (consent.yes || consent.dryRun)) {
      throw new CommandFailure("--yes and --dry-run are for --repair");
    }
    if (repair && path.isEmpty()) {
      throw new CommandFailure("--repair needs PATH, the disk whose chain is to be repaired");
    }
    if (repair) {
      repair(domain().disk(path.orElseThrow()));
    } else if (verify) {
      verify();
    } else {
      show();
    }
  }

  private void show() {
    List<BackingChain> chains = disks().stream().map(DiskHandle::chain).toList();
    if (output().forPeople()) {
      output().table(table(chains));
    } else if (path.isPresent()) {
      chains.forEach(output()::message);
    } else {
      output().messages(chains);
    }
  }

  private void verify() {
    List<ChainVerification> found = disks().stream().map(DiskHandle::verifyChain).toList();
    consistent = found.stream().allMatch(ChainVerification::getConsistent);
    if (output().forPeople()) {
      found.forEach(chain -> output().line(ChainTexts.verification(words(), chain)));
    } else if (path.isPresent()) {
      found.forEach(output()::message);
    } else {
      output().messages(found);
    }
  }

  private void repair(DiskHandle disk) {
    RepairChainResponse answer = consent.yes ? disk.repairChain() : disk.proposeRepair();
    consistent = answer.getVerification().getConsistent();
    if (output().forPeople()) {
      output().line(ChainTexts.repair(words(), answer, consent.yes));
    } else {
      output().message(answer);
    }
  }

  @Override
  int exitCode() {
    return consistent ? 0 : 1;
  }

  private List<DiskHandle> disks() {
    DomainHandle domain = domain();
    return path
        .map(List::of)
        .orElseGet(
            () ->
                domain.disks().stream()
                    .filter(DomainDisk::hasSource)
                    .map(DomainDisk::getTarget)
                    .toList())
        .stream()
        .map(domain::disk)
        .toList();
  }

  private static Table table(List<BackingChain> chains) {
    List<List<String>> rows = new ArrayList<>();
    for (BackingChain chain : chains) {
      for (ChainImage image : chain.getImagesList()) {
        rows.add(
            List.of(
                "%s[%d]".formatted(chain.getDisk(), image.getIndex()),
                branch(image) + image.getPath(),
                Texts.format(image.getFormat()),
                size(image.getVirtualSizeBytes()),
                size(image.getAllocatedBytes())));
      }
    }
    return new Table(List.of("Image", "Path", "Format", "Virtual", "Allocated"), rows);
  }

  private static String branch(ChainImage image) {
    return image.getIndex() == 0 ? "" : "  ".repeat(image.getIndex() - 1) + "+- ";
  }

  private static String size(long bytes) {
    return bytes == 0 ? "-" : Sizes.format(bytes);
  }

  @Override
  String failure() {
    return repair
        ? "Failed to repair the backing chain of domain '%s'".formatted(words())
        : "Failed to get the backing chain of domain '%s'".formatted(words());
  }
}
