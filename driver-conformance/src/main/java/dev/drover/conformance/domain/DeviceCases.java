package dev.drover.conformance.domain;

import static dev.drover.conformance.bench.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.DiskContents;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Fill;
import dev.drover.conformance.ImageSetup;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Calls;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Boot;
import dev.drover.v1.Capability;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DirectKernelBoot;
import dev.drover.v1.Disk;
import dev.drover.v1.DiskDiscard;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SerialConsole;
import java.util.List;
import java.util.Optional;

/** What a definition says of devices and of the start is kept, told and done (R24). */
public final class DeviceCases {

  /** Ranges that a guest discards, and what they show then. */
  private static final Fill FIRST = new Fill(0, 6 * Fill.BLOCK, 0);

  private static final Fill SECOND = new Fill(20 * Fill.BLOCK, 4 * Fill.BLOCK, 0);
  private static final String COMMAND_LINE = "console=ttyS0 mode='a, b' -- last";
  private static final int RAM_DISK_BYTE = 'r';

  private final Bench bench;

  /** Works on a bench. */
  public DeviceCases(Bench bench) {
    this.bench = bench;
  }

  @Case("kernel, RAM disk, command line and places of console logs are told as they were defined")
  @Requirement({"R24"})
  public void kept() {
    DomainSpec first =
        bench.spec(bench.name("vm")).toBuilder()
            .setBoot(kernel(bench.path("kernel"), bench.path("ram"), COMMAND_LINE))
            .clearSerialConsoles()
            .addSerialConsoles(SerialConsole.getDefaultInstance())
            .addSerialConsoles(console("second.log"))
            .build();
    TestDomain domain = bench.define(first);
    isKept(domain, first);

    DomainSpec second =
        domain.get().getSpec().toBuilder()
            .setBoot(kernel(bench.path("kernel"), "", ""))
            .setSerialConsoles(0, console("first.log"))
            .setSerialConsoles(1, console("other.log"))
            .build();
    assertThat(validated(second).getBoot()).as("as it would be").isEqualTo(second.getBoot());
    isKept(domain, first);
    isKept(bench.define(second), second);

    DomainSpec third = second.toBuilder().clearBoot().clearSerialConsoles().build();
    isKept(bench.define(third), third);
  }

  private void isKept(TestDomain domain, DomainSpec spec) {
    for (Domain told : List.of(domain.get(), bench.domains().getFirst())) {
      assertThat(told.getSpec().getBoot()).as("what it starts from").isEqualTo(spec.getBoot());
      assertThat(told.getSpec().getSerialConsolesList())
          .as("its consoles")
          .isEqualTo(spec.getSerialConsolesList());
    }
  }

  private DomainSpec validated(DomainSpec spec) {
    return bench
        .calls()
        .domains()
        .defineDomain(DefineDomainRequest.newBuilder().setSpec(spec).setValidateOnly(true).build())
        .getDomain()
        .getSpec();
  }

  @Case("the guest has the kernel, the command line and the RAM disk, and prints where it was told")
  @Requirement({"R24"})
  @Needs(Capability.CAPABILITY_BLOCK_CHAIN)
  public void started() {
    bench.world().createKernel(bench.path("kernel"));
    createRamDisk(bench.path("ram"));
    DomainSpec spec =
        bench.spec(bench.name("vm")).toBuilder()
            .setBoot(kernel(bench.path("kernel"), bench.path("ram"), COMMAND_LINE))
            .clearSerialConsoles()
            .addSerialConsoles(console("console.log"))
            .addSerialConsoles(SerialConsole.getDefaultInstance())
            .build();
    TestDomain domain = bench.define(spec).start(PowerState.RUNNING);
    DomainStatus status = domain.get().getStatus();

    assertThat(status.getLiveSpec().getBoot()).as("what it started from").isEqualTo(spec.getBoot());
    assertThat(status.getLiveSpec().getSerialConsolesList())
        .as("its consoles")
        .isEqualTo(spec.getSerialConsolesList());
    String log = spec.getSerialConsoles(0).getLogPath();
    Optional<String> printed = bench.world().printed(log);
    if (printed.isEmpty()) {
      assertThat(status.getSerialLogPathsList())
          .as("logs of a guest without output")
          .isSubsetOf(List.of(log));
      return;
    }
    assertThat(status.getSerialLogPathsList()).as("one log each").hasSize(2).startsWith(log);
    assertThat(status.getSerialLogPaths(1)).as("a place of the daemon's").startsWith("/");
    await("the guest has printed its RAM disk")
        .atMost(Calls.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(bench.world().printed(log).orElseThrow())
                    .contains(COMMAND_LINE + "\n" + ramDisk()));
    assertThat(bench.world().printed(status.getSerialLogPaths(1)))
        .as("what the guest printed on its second console")
        .contains("");
    domain.destroy();
    assertThat(domain.get().getStatus().getSerialLogPathsList())
        .as("logs of a domain that is off")
        .isEmpty();
  }

  /** What becomes of discards. */
  public static List<DiskDiscard> discards() {
    return List.of(
        DiskDiscard.DISK_DISCARD_UNMAP,
        DiskDiscard.DISK_DISCARD_IGNORE,
        DiskDiscard.DISK_DISCARD_UNSPECIFIED);
  }

  @Case(
      "what a guest discards is freed unless the disk ignores that, and a snapshot changes nothing")
  @Requirement({"R24", "G10"})
  @Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK})
  @EachOf("discards")
  public void discard(DiskDiscard discard) {
    DiskChain chain = bench.chain("vda", "base", "active");
    Disk disk = chain.disk().toBuilder().setDiscard(discard).build();
    TestDomain domain = bench.define(bench.spec(bench.name("vm"), disk));
    assertThat(domain.get().getSpec().getDisks(0).getDiscard()).as("as defined").isEqualTo(discard);
    domain.start();
    assertThat(domain.get().getStatus().getLiveSpec().getDisks(0).getDiscard())
        .as("as it runs")
        .isEqualTo(discard);
    var _ = bench.snapshots().create(domain, "moment");
    assertThat(domain.get().getSpec().getDisks(0).getDiscard())
        .as("of the disk that has moved")
        .isEqualTo(discard);
    discard(domain, FIRST);
    bench.check(domain).shows(domain.stored("vda"), after(discard, chain, FIRST));
    bench.check(domain).shows(chain.active(), chain.contents());

    domain.destroy();
    domain.start();
    discard(domain, SECOND);
    bench.check(domain).shows(domain.stored("vda"), after(discard, chain, FIRST, SECOND));
  }

  @Case(
      "what a guest discards of the image with which it started is freed unless the disk ignores"
          + " that")
  @Requirement({"R24"})
  @Needs(Capability.CAPABILITY_BLOCK_CHAIN)
  @EachOf("discards")
  public void discardAtOnce(DiskDiscard discard) {
    DiskChain chain = bench.chain("vda", "base", "active");
    Disk disk = chain.disk().toBuilder().setDiscard(discard).build();
    TestDomain domain = bench.define(bench.spec(bench.name("vm"), disk)).start();

    discard(domain, FIRST);

    bench.check(domain).shows(chain.active(), after(discard, chain, FIRST));
  }

  private void discard(TestDomain domain, Fill range) {
    bench.world().discard(domain.name(), "vda", range.offset(), range.length());
    bench.world().flush(domain.name(), "vda");
  }

  private static DiskContents after(DiskDiscard discard, DiskChain chain, Fill... ranges) {
    return discard == DiskDiscard.DISK_DISCARD_IGNORE
        ? chain.contents()
        : chain.contents().with(List.of(ranges));
  }

  private SerialConsole console(String file) {
    return SerialConsole.newBuilder().setLogPath(bench.path(file)).build();
  }

  private static Boot kernel(String kernel, String ramDisk, String commandLine) {
    return Boot.newBuilder()
        .setDirectKernel(
            DirectKernelBoot.newBuilder()
                .setKernelPath(kernel)
                .setInitrdPath(ramDisk)
                .setCommandLine(commandLine))
        .build();
  }

  private void createRamDisk(String path) {
    bench
        .world()
        .create(
            new ImageSetup(
                Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_RAW).build(),
                Fill.BLOCK,
                Optional.empty(),
                List.of(new Fill(0, Fill.BLOCK, RAM_DISK_BYTE))));
  }

  private static String ramDisk() {
    return Character.toString(RAM_DISK_BYTE).repeat(Math.toIntExact(Fill.BLOCK));
  }
}
