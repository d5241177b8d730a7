package dev.drover.client.cli;

import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainDifferenceKind;
import dev.drover.v1.ChainRepair;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.RepairChainResponse;
import java.util.List;

/** What people read about the comparison and repair of a chain. */
final class ChainTexts {
  private ChainTexts() {}

  /** The comparison: what differs, what it means, what to do. */
  static String verification(String domain, ChainVerification found) {
    StringBuilder text = new StringBuilder(256);
    text.append(summary(found));
    found.getDifferencesList().forEach(difference -> append(text, difference));
    if (proposes(found.getDifferencesList())) {
      text.append(
          "\n\n'drover domain chain %s %s --repair' shows what can be mended, and with --yes does it."
              .formatted(domain, found.getDisk()));
    }
    return text.toString();
  }

  /** A repair, as proposed or as it was done. */
  static String repair(String domain, RepairChainResponse answer, boolean applied) {
    ChainVerification now = answer.getVerification();
    if (answer.getRepairedCount() == 0) {
      return now.getConsistent()
          ? summary(now)
          : verification(domain, now) + "\n\nNothing can be mended without a guess.";
    }
    StringBuilder text = new StringBuilder(256);
    text.append(applied ? "Repaired:" : "Would be repaired:");
    for (ChainDifference step : answer.getRepairedList()) {
      text.append("\n  - ").append(step.getPath()).append(": ").append(remedy(step.getRepair()));
    }
    text.append('\n');
    if (applied) {
      text.append(verification(domain, now));
    } else {
      text.append(
          "Nothing was changed; 'drover domain chain %s %s --repair --yes' does it."
              .formatted(domain, now.getDisk()));
    }
    return text.toString();
  }

  private static String summary(ChainVerification found) {
    String held =
        found.getJobId().isEmpty()
            ? ""
            : "; job %s holds the disk, so nothing is proposed".formatted(found.getJobId());
    return found.getConsistent()
        ? "Disk %s: definition, hypervisor and headers agree%s".formatted(found.getDisk(), held)
        : "Disk %s: %d %s%s"
            .formatted(
                found.getDisk(),
                found.getDifferencesCount(),
                found.getDifferencesCount() == 1 ? "difference" : "differences",
                held);
  }

  private static void append(StringBuilder text, ChainDifference difference) {
    text.append(
        """


        %s: %s
          expected: %s
          found:    %s
          meaning:  %s
          repair:   %s\
        """
            .formatted(
                kind(difference.getKind()),
                difference.getPath(),
                difference.getExpected(),
                difference.getFound(),
                difference.getExplanation(),
                remedy(difference.getRepair())));
  }

  private static boolean proposes(List<ChainDifference> differences) {
    return differences.stream()
        .anyMatch(difference -> difference.getRepair() != ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
  }

  private static String kind(ChainDifferenceKind kind) {
    return switch (kind) {
      case CHAIN_DIFFERENCE_KIND_DEFINITION -> "Definition";
      case CHAIN_DIFFERENCE_KIND_HEADER -> "Header";
      case CHAIN_DIFFERENCE_KIND_BACKING_FORMAT -> "Backing format";
      case CHAIN_DIFFERENCE_KIND_IMAGE_MISSING -> "Missing image";
      case CHAIN_DIFFERENCE_KIND_IMAGE_REPLACED -> "Replaced image";
      case CHAIN_DIFFERENCE_KIND_NODES -> "Nodes";
      case CHAIN_DIFFERENCE_KIND_FOREIGN_JOB -> "Foreign job";
      case CHAIN_DIFFERENCE_KIND_UNSPECIFIED, UNRECOGNIZED -> "Difference";
    };
  }

  private static String remedy(ChainRepair repair) {
    return switch (repair) {
      case CHAIN_REPAIR_UPDATE_DEFINITION ->
          "write the image that the device reads into the stored definition";
      case CHAIN_REPAIR_REWRITE_HEADER -> "write the expected backing image into the header";
      case CHAIN_REPAIR_UPDATE_RECORD -> "take the hypervisor's nodes into the daemon's record";
      case CHAIN_REPAIR_UNSPECIFIED, UNRECOGNIZED -> "none without a guess; a person has to decide";
    };
  }
}
