package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.JobErrorPolicy;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** C20: which words QEMU is told for a policy, by kind of job. */
class StartCommandsTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "JOB_ERROR_POLICY_UNSPECIFIED, enospc",
    "JOB_ERROR_POLICY_REPORT, report",
    "JOB_ERROR_POLICY_STOP, stop"
  })
  void policyBecomesTheWordOfTheKind(JobErrorPolicy policy, String word) {
    JournalEntry commit =
        new FlowBench(
                directory, BlockCommitRequest.newBuilder().setDisk("vda").setTop("snap2").build())
            .entry();
    assertThat(argument(commit, policy, "on-error")).isEqualTo(word);

    JournalEntry stream =
        with(commit, new JobWork.Stream("top", "", ((JobWork.Commit) commit.work()).rewrite()));
    assertThat(argument(stream, policy, "on-error")).isEqualTo(word);

    JournalEntry active = with(commit, new JobWork.ActiveCommit("root", "base"));
    assertThat(argument(active, policy, "on-error")).isEqualTo(word);

    JournalEntry mirror = with(commit, new JobWork.Mirror("root", "copy", false, false, 0, 0));
    assertThat(argument(mirror, policy, "on-source-error")).isEqualTo(word);
    assertThat(argument(mirror, policy, "on-target-error")).isEqualTo(word);
    assertThat(argument(mirror, policy, "on-error")).isEmpty();
  }

  private static String argument(JournalEntry entry, JobErrorPolicy policy, String name) {
    return StartCommands.of(entry, policy).arguments().path(name).asText();
  }

  private static JournalEntry with(JournalEntry entry, JobWork work) {
    return new JournalEntry(
        entry.jobId(),
        entry.domainUuid(),
        entry.disk(),
        entry.step(),
        work,
        entry.ending(),
        entry.endingWhenReady(),
        entry.filterNode(),
        entry.speedBytesPerSecond(),
        entry.before(),
        entry.after(),
        entry.filesToDelete(),
        entry.createdFile(),
        entry.group(),
        entry.quiesceMillis(),
        entry.aside());
  }
}
