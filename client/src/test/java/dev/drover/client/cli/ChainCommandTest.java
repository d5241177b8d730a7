package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainDifferenceKind;
import dev.drover.v1.ChainRepair;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.DomainState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code drover domain chain --verify} and {@code --repair} (R8). */
@Timeout(60)
class ChainCommandTest {
  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);

  @BeforeEach
  void domain() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 1);
  }

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  @Test
  void aChainThatAgreesIsSaidInOneLine() {
    assertThat(drover.run("domain", "chain", "web", "vda", "--verify"))
        .isEqualTo(
            new CommandLineRun.Result(
                0, "Disk vda: definition, hypervisor and headers agree\n\n", ""));
  }

  @Test
  void aDifferenceIsExplainedAndEndsWithOne() {
    differ(ChainRepair.CHAIN_REPAIR_REWRITE_HEADER);

    CommandLineRun.Result result = drover.run("domain", "chain", "web", "vda", "--verify");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out())
        .contains("Header: /images/two.qcow2")
        .contains("expected: /images/one.qcow2")
        .contains("found:    /images/other.qcow2")
        .contains("meaning:  it would boot from another chain")
        .contains("'drover domain chain web vda --repair'");
    assertThat(drover.run("domain", "chain", "web", "vda", "--verify", "-o", "json").out())
        .contains("CHAIN_DIFFERENCE_KIND_HEADER");
  }

  @Test
  void aRepairIsShownFirstAndDoneWhenTold() {
    differ(ChainRepair.CHAIN_REPAIR_REWRITE_HEADER);

    CommandLineRun.Result shown = drover.run("domain", "chain", "web", "vda", "--repair");
    assertThat(shown.code()).isEqualTo(1);
    assertThat(shown.out()).contains("Would be repaired:").contains("--repair --yes");
    assertThat(daemon.blocks.repairs.getFirst().getValidateOnly()).isTrue();

    CommandLineRun.Result done = drover.run("domain", "chain", "web", "vda", "--repair", "--yes");
    assertThat(done.code()).isZero();
    assertThat(done.out()).contains("Repaired:").contains("agree");
    assertThat(daemon.blocks.repairs.getLast().getValidateOnly()).isFalse();
  }

  @Test
  void consentWithoutRepairAndRepairWithoutDiskAreRefused() {
    assertThat(drover.run("domain", "chain", "web", "vda", "--yes").code()).isEqualTo(1);
    assertThat(drover.run("domain", "chain", "web", "--repair").err()).contains("needs PATH");
    assertThat(drover.run("domain", "chain", "web", "vda", "--repair", "--yes", "--dry-run").code())
        .isNotZero();
    assertThat(daemon.blocks.repairs).isEmpty();
  }

  private void differ(ChainRepair repair) {
    daemon.blocks.verification =
        ChainVerification.newBuilder()
            .setDisk("vda")
            .addDifferences(
                ChainDifference.newBuilder()
                    .setKind(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_HEADER)
                    .setPath("/images/two.qcow2")
                    .setExpected("/images/one.qcow2")
                    .setFound("/images/other.qcow2")
                    .setExplanation("it would boot from another chain")
                    .setRepair(repair))
            .build();
  }
}
