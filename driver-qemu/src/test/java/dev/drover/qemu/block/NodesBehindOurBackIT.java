package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.qemu.block.StrikingMonitor.Point;
import dev.drover.qemu.image.BlockdevOptions;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.IoPolicy;
import dev.drover.qemu.qmp.BlockCommand;
import dev.drover.qemu.qmp.BlockGraph;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainDifferenceKind;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nodes of ours that somebody deletes or opens anew in QEMU's monitor; and what a job that ended
 * with CHAIN_DIVERGED says, which comparison and repair say too (R8).
 */
@Tag("qemu")
class NodesBehindOurBackIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  @Test
  void aNodeThatAJobUsesCannotBeTakenAway() { // blockdev-del
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = bench.blockJobs().copy(bench.call(), CopyIT.slow(bench, "copy").build());
      for (String node : bench.formatNodes()) {
        assertThatThrownBy(() -> bench.live().execute(new BlockCommand.BlockdevDel(node)))
            .as(node)
            .hasMessageFindingMatch("in use|busy");
      }

      bench.jobs().setSpeed(bench.call(), CopyIT.unlimited(job));
      bench.await(job.getId(), now -> now.getState() == JobState.JOB_STATE_READY);
      Job ended = bench.jobs().complete(bench.call(), CommitIT.pivot(job));
      assertThat(ended.getResult().getWarningsList()).isEmpty();
      ChainRepairIT.consistent(bench.verify(), 1);
      bench.assertNothingLeft();
      bench.assertNothingLost();
    }
  }

  @Test
  void nodesOfTheOldChainThatAreGoneAlreadyAreNotMissed() { // blockdev-del
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      DiskGraph old = bench.live().disk("vda");
      Job job = ready(bench, false);
      bench.closeDriver();
      CopyBehindOurBackIT.pivot(bench, job, true);
      bench.behindTheDaemon(
          monitor ->
              old.images().stream()
                  .limit(2)
                  .forEach(
                      image -> {
                        monitor.execute(new BlockCommand.BlockdevDel(image.formatNode()));
                        monitor.execute(new BlockCommand.BlockdevDel(image.fileNode()));
                      }));
      bench.openDriver();

      Job ended = bench.awaitEnd(job.getId());
      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getResult().getWarningsList())
          .singleElement()
          .satisfies(warning -> assertThat(warning).contains("pivoted behind"));
      ChainRepairIT.consistent(bench.verify(), 1);
      bench.assertNothingLeft();
      bench.assertNothingLost();
    }
  }

  @Test
  void aDestinationsNodesThatAreGoneAlreadyAreNotMissed() { // blockdev-del
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Set<String> before = bench.formatNodes();
      Job job = ready(bench, false);
      Set<String> added = new HashSet<>(bench.formatNodes());
      added.removeAll(before);
      String id = BehindOurBackIT.monitorId(job);
      bench.closeDriver();
      bench.behindTheDaemon(
          monitor -> {
            monitor.execute(new BlockJobCommand.JobCancel(id));
            BehindOurBackIT.awaitStatus(monitor, id, JobStatus.CONCLUDED);
            monitor.execute(new BlockJobCommand.JobDismiss(id));
            monitor.execute(new QueryCommand.QueryBlockGraph()).nodes().stream()
                .map(BlockGraph.Vertex::name)
                .filter(added::contains)
                .forEach(
                    node -> {
                      monitor.execute(new BlockCommand.BlockdevDel(node));
                      monitor.execute(new BlockCommand.BlockdevDel(node + "-file"));
                    });
          });
      bench.openDriver();

      Job ended = bench.awaitEnd(job.getId());
      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_FAILED);
      assertThat(ended.getResult().getWarningsList()).isEmpty();
      assertThat(Files.exists(bench.images().path("copy"))).isFalse();
      ChainRepairIT.consistent(bench.verify(), 4);
      bench.assertNothingLeft();
      bench.assertNothingLost();
    }
  }

  @Test
  void aNodeOpenedForWritingPastTheDaemonHindersNobody() { // blockdev-reopen
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      bench.live().execute(reopened(bench, "base", Optional.empty(), false));

      ChainRepairIT.consistent(bench.verify(), 4);
      Job job =
          bench
              .blockJobs()
              .commit(bench.call(), CommitIT.request(bench).setTop(path(bench, "snap2")).build());
      assertThat(bench.awaitEnd(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      ChainRepairIT.consistent(bench.verify(), 2);
      bench.assertNothingLost();
    }
  }

  /** QEMU would take some of these jobs, and rewrite the header of an image that is not meant. */
  @ParameterizedTest
  @ValueSource(strings = {"snap2", "snap1"})
  void noJobStartsOnAChainThatWasChangedPastTheDaemon(String top) { // blockdev-reopen
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      bench.live().execute(reopened(bench, "active", Optional.of("snap1"), false));
      assertHeaderAndNodesDiffer(bench);

      BlockCommitRequest request =
          CommitIT.request(bench)
              .setTop(path(bench, top))
              .setBase(path(bench, "base"))
              .setDelete(true)
              .build();
      assertThatThrownBy(() -> bench.blockJobs().commit(bench.call(), request))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_CHAIN_DIVERGED);
                assertThat(e).hasMessageContaining("drover domain chain guest vda --verify");
              });
      assertThat(bench.jobList()).isEmpty();

      bench.live().execute(reopened(bench, "active", Optional.of("snap2"), false));
      ChainRepairIT.consistent(bench.verify(), 4);
      Job job = bench.blockJobs().commit(bench.call(), request);
      assertThat(bench.awaitEnd(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      bench.assertNothingLost();
    }
  }

  @ParameterizedTest(name = "repaired={0}")
  @ValueSource(booleans = {true, false})
  void aChainChangedDuringACopyIsToldAndComparedAlike(boolean repaired) { // CHAIN_DIVERGED
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, true);
      bench.live().execute(reopened(bench, "snap2", Optional.of("base"), true));
      var _ =
          bench
              .jobs()
              .complete(bench.call(), CommitIT.pivot(job).toBuilder().setAsync(true).build());

      assertDiverged(bench, job);
      assertHeaderAndNodesDiffer(bench);
      if (repaired) {
        ChainRepairIT.consistent(bench.repair(false).getVerification(), 3);
        assertThat(bench.chain()).isEqualTo(CommitIT.files("copy snap2 base"));
      } else {
        bench.live().execute(reopened(bench, "snap2", Optional.of("snap1"), true));
        ChainRepairIT.consistent(bench.verify(), 4);
        bench.assertNothingLost();
        assertThat(bench.definedChain()).isEqualTo(CommitIT.files("copy snap2 snap1 base"));
      }
    }
  }

  @ParameterizedTest(name = "dismissed={0}")
  @ValueSource(booleans = {true, false})
  void aHeaderChangedAtTheEndOfACommitIsToldAndComparedAlike(boolean dismissed)
      throws Exception { // CHAIN_DIVERGED
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = concludedWithoutTheDaemon(bench);
      if (dismissed) {
        bench.behindTheDaemon(
            monitor -> {
              monitor.execute(new BlockJobCommand.JobDismiss(BehindOurBackIT.monitorId(job)));
              rename(monitor, bench, "them.qcow2");
            });
      } else {
        overwrite(bench.images().path("active"), "base.qcow2", "them.qcow2");
      }
      bench.openDriver();

      Job ended = assertDiverged(bench, job);
      assertThat(ended.getError().getMessage()).contains("'them.qcow2'").contains("active.qcow2");
      assertHeaderAndNodesDiffer(bench);
      ChainRepairIT.consistent(bench.repair(false).getVerification(), 2);
      bench.assertNothingLost();
      assertThat(bench.definedChain()).isEqualTo(CommitIT.files("active base"));
    }
  }

  /** The header says what it said before the job, and the device reads the new chain. */
  @Test
  void aHeaderPutBackAfterACommitIsNotTakenForTheOldChain() throws Exception { // CHAIN_DIVERGED
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = concludedWithoutTheDaemon(bench);
      bench.behindTheDaemon(
          monitor -> {
            monitor.execute(new BlockJobCommand.JobDismiss(BehindOurBackIT.monitorId(job)));
            rename(monitor, bench, "snap2.qcow2");
          });
      bench.openDriver();

      assertDiverged(bench, job);
      assertHeaderAndNodesDiffer(bench);
      ChainRepairIT.consistent(bench.repair(false).getVerification(), 2);
      bench.assertNothingLost();
    }
  }

  private static void assertHeaderAndNodesDiffer(BlockBench bench) {
    assertThat(bench.verify().getDifferencesList())
        .extracting(ChainDifference::getKind)
        .containsExactlyInAnyOrder(
            ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_HEADER,
            ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_NODES);
  }

  /** A commit that QEMU has ended, whose daemon died before it heard of that. */
  private static Job concludedWithoutTheDaemon(BlockBench bench) throws Exception {
    StrikingMonitor monitor = bench.interpose();
    bench.guestWrites(0xe1, 5);
    monitor.note();
    Point concluded = new Point(StrikingMonitor.Kind.EVENT, "JOB_STATUS_CHANGE/concluded", 1);
    monitor.strike(concluded, bench::killDaemon);
    Job job =
        bench
            .blockJobs()
            .commit(
                bench.call(),
                CommitIT.request(bench).setTop(path(bench, "snap2")).setDelete(true).build());
    assertThat(monitor.struck().get(60, TimeUnit.SECONDS)).isEqualTo(concluded);
    bench.closeDriver();
    return job;
  }

  private static void rename(QmpConnection monitor, BlockBench bench, String reference) {
    String active = node(bench, "active").formatNode();
    monitor.execute(new BlockCommand.ChangeBackingFile(active, active, reference));
  }

  /** What a tool does that takes no locks. */
  private static void overwrite(Path image, String old, String reference) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      byte[] header = new byte[4096];
      file.readFully(header);
      int place = new String(header, StandardCharsets.ISO_8859_1).indexOf(old);
      assertThat(place).isPositive();
      file.seek(place);
      file.write(reference.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private static Job assertDiverged(BlockBench bench, Job job) {
    Job ended = bench.awaitEnd(job.getId());
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(JobErrors.reason(ended)).isEqualTo(ErrorReason.ERROR_REASON_CHAIN_DIVERGED);
    assertThat(ended.getResult().getDeletedPathsList()).isEmpty();
    for (String image : TestImages.NAMES) {
      assertThat(Files.exists(bench.images().path(image))).as(image).isTrue();
    }
    assertThat(bench.qemuJobs()).isEmpty();
    assertThat(bench.journalEntries()).isZero();
    return ended;
  }

  private static Job ready(BlockBench bench, boolean shallow) {
    Job job =
        bench
            .blockJobs()
            .copy(
                bench.call(),
                CopyIT.request(bench, "copy", ImageFormat.IMAGE_FORMAT_QCOW2)
                    .setShallow(shallow)
                    .build());
    return bench.await(job.getId(), now -> now.getState() == JobState.JOB_STATE_READY);
  }

  private static BlockCommand.BlockdevReopen reopened(
      BlockBench bench, String image, Optional<String> below, boolean readOnly) {
    return new BlockCommand.BlockdevReopen(
        List.of(
            BlockdevOptions.format(
                node(bench, image),
                below.map(name -> node(bench, name).formatNode()),
                readOnly,
                IoPolicy.DEFAULT)));
  }

  /** A node as QEMU was given it at the start, numbered from the active image down. */
  private static ImageNode node(BlockBench bench, String image) {
    int number = TestImages.NAMES.size() - TestImages.NAMES.indexOf(image);
    return ImageNode.named(
        ChainImage.newBuilder()
            .setPath(path(bench, image))
            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
            .build(),
        ImageNode.nodeName("vda", number));
  }

  private static String path(BlockBench bench, String image) {
    return bench.images().path(image).toString();
  }
}
