package dev.drover.qemu.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.ImageFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JobJournalTest {

  private static final HeaderRewrite REWRITE =
      new HeaderRewrite(
          "vda-1",
          "/images/active.qcow2",
          ImageFormat.IMAGE_FORMAT_QCOW2,
          "snap2.qcow2",
          ImageFormat.IMAGE_FORMAT_QCOW2,
          "",
          ImageFormat.IMAGE_FORMAT_UNSPECIFIED);

  private final MemoryStore store = new MemoryStore();
  private final JobJournal journal = new JobJournal(store);

  static Stream<JobWork> works() {
    return Stream.of(
        new JobWork.Stream("vda-1", "", REWRITE),
        new JobWork.Commit("vda-1", "vda-2", "vda-4", REWRITE),
        new JobWork.ActiveCommit("vda-1", "vda-4"),
        new JobWork.Mirror("vda-1", "vda-9", true, true, 65536, 0));
  }

  @ParameterizedTest
  @MethodSource("works")
  void whatIsWrittenIsReadByTheNextDaemon(JobWork work) { // R2
    JournalEntry entry = entry(work).ordered(JobEnding.PIVOT).at(JournalStep.DECIDED);
    store.transact(transaction -> journal.write(transaction, entry));

    assertThat(new JobJournal(store).find("1")).contains(entry);
    assertThat(new JobJournal(store).list()).containsExactly(entry);
  }

  @Test
  void anEntryThatDoesNotKnowWhenItsFilesWereBornIsRead() {
    JournalEntry entry = entry(new JobWork.ActiveCommit("vda-1", "vda-2"));
    store.transact(transaction -> journal.write(transaction, entry));
    String written = store.read(JobJournal.COLLECTION, "1").orElseThrow().toStringUtf8();
    String earlier = written.replace(",\"bornNanos\":3", "");
    assertThat(earlier).isNotEqualTo(written);
    store.transact(
        transaction ->
            transaction.put(JobJournal.COLLECTION, "1", ByteString.copyFromUtf8(earlier)));

    assertThat(new JobJournal(store).find("1").orElseThrow().filesToDelete())
        .containsExactly(new DoomedFile("/images/active", 1, 2));
  }

  @Test
  void anEntryGoesWithItsJob() {
    store.transact(
        transaction -> journal.write(transaction, entry(new JobWork.ActiveCommit("a", "b"))));
    store.transact(transaction -> journal.remove(transaction, "1"));
    assertThat(journal.list()).isEmpty();
  }

  @Test
  void imagesAreComparedByTheirNodes() {
    JournalEntry entry = entry(new JobWork.ActiveCommit("vda-1", "vda-2"));
    assertThat(entry.dropped()).extracting(JournalImage::node).containsExactly("vda-1");
    assertThat(entry.added()).isEmpty();
  }

  private static JournalEntry entry(JobWork work) {
    JournalImage active = image("active", "vda-1");
    JournalImage base = image("base", "vda-2");
    return new JournalEntry(
        "1",
        "uuid",
        "vda",
        JournalStep.INTENT,
        work,
        JobEnding.NONE,
        JobEnding.KEEP,
        "vda-8",
        0,
        List.of(active, base),
        List.of(base),
        List.of(new DoomedFile(active.path(), 1, 2, 3)),
        "",
        "",
        0,
        false);
  }

  private static JournalImage image(String name, String node) {
    return new JournalImage(
        "/images/" + name, ImageFormat.IMAGE_FORMAT_QCOW2, node, node + "-file", "");
  }
}
