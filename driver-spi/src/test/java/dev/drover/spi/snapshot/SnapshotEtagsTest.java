package dev.drover.spi.snapshot;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Snapshot;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** R9, R24: whoever changes a record knows what it is about to replace. */
class SnapshotEtagsTest {

  private static final Snapshot RECORD =
      Snapshot.newBuilder()
          .setName("one")
          .setDomainSpec(
              DomainSpec.newBuilder().putLabels("a", "1").putLabels("b", "2").putLabels("c", "3"))
          .build();

  @Test
  void theEtagChangesWithTheRecordAndOnlyWithIt() {
    String etag = SnapshotEtags.shown(RECORD).getEtag();
    assertThat(etag).isNotEmpty();
    assertThat(SnapshotEtags.shown(SnapshotEtags.shown(RECORD)).getEtag()).isEqualTo(etag);
    assertThat(SnapshotEtags.shown(RECORD).toBuilder().clearEtag().build()).isEqualTo(RECORD);
    DomainSpec sameInOtherOrder =
        DomainSpec.newBuilder().putLabels("c", "3").putLabels("b", "2").putLabels("a", "1").build();
    assertThat(
            SnapshotEtags.shown(RECORD.toBuilder().setDomainSpec(sameInOtherOrder).build())
                .getEtag())
        .isEqualTo(etag);
    assertThat(SnapshotEtags.shown(RECORD.toBuilder().setCurrent(true).build()).getEtag())
        .isNotEqualTo(etag);
  }

  @Test
  void whatWasReadMustBeWhatIsStored() {
    String etag = SnapshotEtags.shown(RECORD).getEtag();
    Snapshot other = RECORD.toBuilder().setDescription("other").build();
    assertThatCode(
            () -> {
              SnapshotEtags.requireSame("web", "one", etag, Optional.of(RECORD));
              SnapshotEtags.requireSame("web", "one", "", Optional.of(other));
              SnapshotEtags.requireSame("web", "one", "", Optional.empty());
            })
        .doesNotThrowAnyException();
    assertThat(
            refused(
                    ErrorReason.ERROR_REASON_ETAG_MISMATCH,
                    () -> SnapshotEtags.requireSame("web", "one", etag, Optional.of(other)))
                .metadata())
        .containsEntry("domain", "web")
        .containsEntry("snapshot", "one")
        .containsEntry("etag", SnapshotEtags.shown(other).getEtag());
    refused(
        ErrorReason.ERROR_REASON_ETAG_MISMATCH,
        () -> SnapshotEtags.requireSame("web", "one", etag, Optional.empty()));
  }
}
