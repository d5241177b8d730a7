package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.LogLines;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.Boot;
import dev.drover.v1.DirectKernelBoot;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.event.Level;

/** A7: the log says which job on which disk of which domain failed and why, and tells no secret. */
class JobLogTest {

  private static final String ID = "7f1c2f0e-5a4e-4c7f-8a53-0d7d2a9b6c11";
  private static final String SECRET = "hunter2";

  @TempDir private Path directory;

  /** How a job fails, and what is told of it. */
  enum Failure {
    IO_ERROR("Input/output error"),
    REFUSED("no finalizing today"),
    FROM_OUTSIDE("behind the daemon's back"),
    DIVERGED("nothing was deleted"),
    INTERRUPTED("the process is gone");

    private final String why;

    Failure(String why) {
      this.why = why;
    }

    private void happen(FlowBench bench) {
      switch (this) {
        case IO_ERROR -> bench.sees(JobStatus.CONCLUDED, why);
        case REFUSED -> {
          bench.host().refuse("job-finalize", why);
          bench.sees(JobStatus.PENDING);
          bench.sees(JobStatus.CONCLUDED, "Operation canceled");
        }
        case FROM_OUTSIDE -> bench.seesNothing();
        case DIVERGED -> {
          bench.images().write("active", "theirs.qcow2");
          bench.seesNothing();
        }
        case INTERRUPTED -> bench.flow().settleWithoutHost(new HostEnd(false, why));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void failureIsToldOnceWithJobDiskAndDomain(Failure failure) {
    FlowBench bench = bench();
    bench.sees(JobStatus.RUNNING);

    List<LogLines.Line> lines;
    try (LogLines.Recording log = LogLines.record()) {
      failure.happen(bench);
      lines = log.lines();
    }

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(lines).extracting(LogLines.Line::text).noneMatch(text -> text.contains(SECRET));
    assertThat(lines)
        .filteredOn(line -> line.text().contains("ended failed"))
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.level()).isEqualTo(Level.WARN);
              assertThat(line.text())
                  .contains("Job " + ID, "disk vda", "domain guest", failure.why)
                  .doesNotContain("\n");
            });
    assertThat(lines)
        .filteredOn(line -> line.text().contains(ID))
        .allSatisfy(line -> assertThat(line.text()).contains("disk vda", "domain guest"));
  }

  private FlowBench bench() {
    FlowBench.Registers registers = new FlowBench.Registers(GroupEnd.LIMIT);
    registers.domains.define(
        DomainSpec.newBuilder()
            .setUuid(BlockBench.UUID)
            .setName("guest")
            .setDescription(SECRET)
            .putLabels("owner", SECRET)
            .setBoot(
                Boot.newBuilder()
                    .setDirectKernel(
                        DirectKernelBoot.newBuilder().setCommandLine("password=" + SECRET)))
            .build(),
        "");
    return new FlowBench(
        registers,
        directory,
        BlockCommitRequest.newBuilder().setDisk("vda").setTop("snap2").setRequestId(SECRET).build(),
        ID,
        "vda");
  }
}
