package dev.drover.spi.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.FakeTime;
import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.snapshot.CommitAftermath.Aftermath;
import dev.drover.spi.snapshot.CommitAftermath.End;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobRequest;
import dev.drover.v1.JobResult;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R3, R9: which moments a commit in a chain a, b, c, d, e (the active one) leaves. */
class CommitAftermathTest {

  private static final List<String> CHAIN = List.of("e", "d", "c", "b", "a");

  private final FakeTime time = new FakeTime();
  private final MemoryStore store = new MemoryStore();
  private final List<DriverEvent> events = new CopyOnWriteArrayList<>();
  private final SnapshotBook book = new SnapshotBook(store, time, events::add);
  private final Map<String, String> below = new HashMap<>();
  private final List<String> silent = new ArrayList<>();
  private final CommitAftermath aftermath = new CommitAftermath(book, store, new Headers());

  private final class Headers implements StoredImages {

    @Override
    public Optional<Chain> chain(String domain, String disk, Image image) {
      if (image.getPath().startsWith("/store/silent")) {
        silent.add(image.getPath());
        throw DriverException.of(ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED, "no answer");
      }
      if (image.getPath().startsWith("gone")) {
        return Optional.empty();
      }
      List<ChainImage> images = new ArrayList<>();
      for (String next = image.getPath(); !next.isEmpty(); next = below.getOrDefault(next, "")) {
        if (next.startsWith("broken")) {
          throw DriverException.of(ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND, "no image " + next);
        }
        images.add(image(next));
      }
      return Optional.of(new Chain(domain, disk, images));
    }

    @Override
    public boolean same(String first, String second) {
      return first.replace("./", "").equals(second.replace("./", ""));
    }
  }

  @BeforeEach
  void chain() {
    below.putAll(Map.of("e", "d", "d", "c", "c", "b", "b", "a"));
    below.putAll(Map.of("on-a", "a", "on-b", "b", "on-c", "c", "on-d", "d", "on-e", "e"));
  }

  @ParameterizedTest
  @CsvSource({
    "d, b, DONE, b c on-b on-c ./b",
    "d, b, STOPPED, b c on-b on-c ./b",
    "c, b, DONE, b on-b ./b",
    "e, d, DONE, d e on-d on-e",
    "e, d, STOPPED, d on-d",
    "e, a, DONE, a b c d e on-a on-b on-c on-d on-e ./b",
    "e, a, STOPPED, a b c d on-a on-b on-c on-d ./b",
  })
  void whatIsReadThroughTheBaseAndNotThroughTheTopIsLost(
      String top, String base, End end, String lost) {
    for (String frozen :
        List.of("a", "b", "c", "d", "e", "on-a", "on-b", "on-c", "on-d", "on-e", "./b", "x")) {
      add("u", frozen, "vda", frozen);
    }
    if (end == End.DONE && !top.equals("e")) {
      rewritten(top, base);
    }

    Aftermath found = aftermath.of(commit(top, base), end);

    assertThat(found.lost())
        .extracting(LostMoment::snapshot)
        .containsExactlyInAnyOrder(lost.split(" "));
    assertThat(found.warnings()).hasSameSizeAs(found.lost());
  }

  @Test
  void theMomentOfTheTopGoesOnInTheBaseAndTheOthersAreMarkedInTheSameTransaction() {
    add("u", "below", "vda", "a");
    add("u", "base", "vda", "b");
    add("u", "top", "vda", "d");
    add("u", "other-disk", "vdb", "d");
    add("v", "theirs", "vdz", "on-b");
    rewritten("d", "b");
    Job job = commit("d", "b");
    events.clear();

    record(job, End.DONE);

    for (SnapshotBook seen : List.of(book, new SnapshotBook(store, time, _ -> {}))) {
      assertThat(disk(seen, "u", "below").getStateLost()).isFalse();
      assertThat(disk(seen, "u", "below").getFrozen().getPath()).isEqualTo("a");
      assertThat(disk(seen, "u", "base").getStateLost()).isTrue();
      assertThat(disk(seen, "u", "base").getLostByJob()).isEqualTo("j");
      assertThat(disk(seen, "u", "top").getStateLost()).isFalse();
      assertThat(disk(seen, "u", "top").getFrozen().getPath()).isEqualTo("b");
      assertThat(disk(seen, "u", "other-disk").getFrozen().getPath()).isEqualTo("d");
      assertThat(disk(seen, "v", "theirs").getLostByJob()).isEqualTo("j");
      assertThat(seen.lostBy("j"))
          .extracting(LostMoment::snapshot)
          .containsExactly("base", "theirs");
    }
    assertThat(aftermath.warnings("j"))
        .hasSize(2)
        .allSatisfy(warning -> assertThat(warning).contains("has lost its state of disk 'vd"));
    assertThat(events)
        .extracting(DriverEvent::kind)
        .containsOnly(EventKind.EVENT_KIND_SNAPSHOT_UPDATED)
        .hasSize(3);
    assertThat(aftermath.of(commit("c", "b"), End.STOPPED).lost())
        .as("what is lost is not lost again")
        .extracting(LostMoment::snapshot)
        .doesNotContain("base", "theirs");
  }

  @Test
  void whatAnImageKeepsInsideItselfIsLostWhereItIsReadThroughTheBaseAndNotWithinIt() {
    for (String inside : List.of("b", "on-b", "on-c", "on-d", "x")) {
      book.change(
          transaction ->
              book.add(
                  transaction,
                  Snapshot.newBuilder()
                      .setName(inside)
                      .setDomainUuid("v")
                      .setDomainName("theirs")
                      .addDisks(
                          SnapshotDisk.newBuilder()
                              .setTarget("vda")
                              .setInside(Image.newBuilder().setPath(inside)))
                      .build()));
    }
    rewritten("d", "b");

    record(commit("d", "b"), End.DONE);

    assertThat(book.lostBy("j")).extracting(LostMoment::snapshot).containsExactly("on-b", "on-c");
    assertThat(disk(book, "v", "on-c").getStateLost()).isTrue();
  }

  @Test
  void whatIsBeingDeletedIsLostByAStepThatStopsOnly() {
    add("u", "goes", "vda", "b");
    store.transact(
        transaction -> new DeletionRecords(store).put(transaction, "parent", Set.of("goes")));
    Job step = commit("d", "b").toBuilder().setParentJobId("parent").build();

    assertThat(aftermath.of(step, End.DONE).lost()).isEmpty();
    assertThat(aftermath.of(step, End.STOPPED).lost())
        .extracting(LostMoment::snapshot)
        .containsExactly("goes");
  }

  @Test
  void whatCannotBeReadIsToldAndWhatIsGoneIsNot() {
    add("u", "one", "vda", "broken-1");
    add("u", "two", "vda", "gone-2");

    Aftermath found = aftermath.of(commit("d", "b"), End.DONE);

    assertThat(found.lost()).isEmpty();
    assertThat(found.warnings())
        .singleElement()
        .satisfies(warning -> assertThat(warning).contains("'one'", "cannot be told", "broken-1"));
  }

  @Test
  void storageThatDoesNotAnswerIsAskedOnce() { // R4
    add("w", "one", "vda", "/store/silent-1");
    add("v", "two", "vda", "/store/silent-2");
    add("v", "three", "vda", "b");

    Aftermath found = aftermath.of(commit("d", "b"), End.DONE);

    assertThat(silent).hasSize(1);
    assertThat(found.lost()).extracting(LostMoment::snapshot).containsExactly("three");
    assertThat(found.unknown())
        .hasSize(2)
        .allSatisfy(told -> assertThat(told).contains("cannot be told"))
        .anySatisfy(told -> assertThat(told).contains("'one'"))
        .anySatisfy(told -> assertThat(told).contains("'two'"));
  }

  @Test
  void whatADomainLosesItselfIsFoundBesideAnothersSilentImage() { // R4, R9
    below.put("/store/own", "b");
    add("another", "one", "vda", "/store/silent-1");
    add("u", "two", "vda", "/store/own");

    assertThat(aftermath.of(commit("d", "b"), End.DONE).lost())
        .extracting(LostMoment::snapshot)
        .containsExactly("two");
  }

  @Test
  void otherJobsWriteIntoTheActiveImageAlone() {
    add("u", "one", "vda", "a");
    for (JobKind kind : List.of(JobKind.JOB_KIND_PULL, JobKind.JOB_KIND_COPY)) {
      Job job = commit("e", "a").toBuilder().setKind(kind).build();
      assertThat(aftermath.of(job, End.DONE).lost()).isEmpty();
      assertThat(aftermath.of(job, End.DONE).moved()).isEmpty();
    }
  }

  @Test
  void whatADiskIsMovedOffIsLeftAndWhatItIsMovedOntoIsTaken() {
    own("a", "b", "d", "e", "copy");
    record(commit("d", "b"), End.DONE);
    record(commit("e", "b"), End.STOPPED);
    assertThat(uses().values()).hasSize(5).containsOnly(ImageUse.UNKNOWN);

    record(commit("e", "b"), End.DONE);
    assertThat(uses()).containsEntry("e", ImageUse.LEFT).containsEntry("b", ImageUse.TAKEN);

    Job.Builder copy = commit("e", "a").toBuilder().setKind(JobKind.JOB_KIND_COPY);
    copy.getRequestBuilder().getDestinationBuilder().setPath("copy");
    own("e");
    record(copy.build(), End.DONE);
    assertThat(uses()).containsEntry("e", ImageUse.LEFT).containsEntry("copy", ImageUse.TAKEN);
  }

  @Test
  void imagesThatADefinitionNamesAreTakenWhoeverTheyWereMadeFor() {
    own("a", "b");
    book.change(
        transaction -> {
          book.owned().leave(transaction, "u", List.of("a", "b", "not ours"));
          return book.lose(transaction, List.of());
        });
    book.owned()
        .define(
            DomainSpec.newBuilder()
                .addDisks(Disk.newBuilder().setSource(Image.newBuilder().setPath("x/../a")))
                .build());
    assertThat(uses()).containsOnly(Map.entry("a", ImageUse.TAKEN), Map.entry("b", ImageUse.LEFT));

    own("a");
    assertThat(uses()).as("a new file at the path").containsEntry("a", ImageUse.UNKNOWN);
    book.change(transaction -> book.removeAll(transaction, "u"));
    assertThat(store.list("image-uses")).isEmpty();
  }

  private void own(String... paths) {
    book.change(
        transaction -> {
          for (String path : paths) {
            book.owned()
                .add(
                    transaction,
                    new OwnedImage("u", "vda", Image.newBuilder().setPath(path).build(), "file"));
          }
          return book.lose(transaction, List.of());
        });
  }

  private Map<String, ImageUse> uses() {
    return book.owned().list("u").stream()
        .collect(Collectors.toMap(owned -> owned.image().getPath(), OwnedImage::use));
  }

  @Test
  void aMarkGoesWithItsSnapshotAndTheNextOfThatNameHasNone() {
    add("u", "one", "vda", "b");
    record(commit("d", "b"), End.DONE);
    book.change(transaction -> book.remove(transaction, "u", Set.of("one")));
    assertThat(book.lostBy("j")).isEmpty();
    // A mark of another domain's job that comes too late.
    book.change(
        transaction ->
            book.lose(transaction, List.of(new LostMoment("u", "guest", "one", "vda", "k"))));

    add("u", "one", "vda", "b");

    assertThat(disk(book, "u", "one").getStateLost()).isFalse();
    assertThat(disk(new SnapshotBook(store, time, _ -> {}), "u", "one").getStateLost()).isFalse();
  }

  private void record(Job job, End end) {
    aftermath.recordWith(aftermath.of(job, end), _ -> {});
  }

  /** What the hypervisor does to the header above the top. */
  private void rewritten(String top, String base) {
    below.put(CHAIN.get(CHAIN.indexOf(top) - 1), base);
  }

  private void add(String domain, String name, String target, String frozen) {
    book.change(
        transaction ->
            book.add(
                transaction,
                Snapshot.newBuilder()
                    .setName(name)
                    .setDomainUuid(domain)
                    .setDomainName("guest")
                    .addDisks(
                        SnapshotDisk.newBuilder()
                            .setTarget(target)
                            .setFrozen(Image.newBuilder().setPath(frozen)))
                    .build()));
  }

  private static SnapshotDisk disk(SnapshotBook book, String domain, String name) {
    return book.require(domain, "guest", name).getDisks(0);
  }

  private static Job commit(String top, String base) {
    return Job.newBuilder()
        .setId("j")
        .setKind(top.equals("e") ? JobKind.JOB_KIND_ACTIVE_COMMIT : JobKind.JOB_KIND_COMMIT)
        .setDomainUuid("u")
        .setDomainName("guest")
        .setDisk("vda")
        .setRequest(JobRequest.newBuilder().setTop(top).setBase(base))
        .setResult(
            JobResult.newBuilder()
                .addAllChainBefore(CHAIN.stream().map(CommitAftermathTest::image).toList()))
        .build();
  }

  private static ChainImage image(String path) {
    return ChainImage.newBuilder().setPath(path).build();
  }
}
