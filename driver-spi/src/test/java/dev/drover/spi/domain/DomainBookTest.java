package dev.drover.spi.domain;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.DriverLimits;
import dev.drover.spi.FakeTime;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.Acceleration;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class DomainBookTest {

  private static final String ONE = "00000000-0000-4000-8000-000000000001";
  private static final String TWO = "00000000-0000-4000-8000-000000000002";

  private final FakeTime time = new FakeTime();
  private final MemoryStore store = new MemoryStore();
  private final List<DriverEvent> events = new CopyOnWriteArrayList<>();
  private final DomainBook book = new DomainBook(store, time, events::add);

  @Test
  void definedDomainIsShutOffPersistentAndFoundByNameAndUuid() {
    Domain domain = book.define(spec("a", ONE), "");
    assertThat(domain.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(domain.getStatus().getPersistent()).isTrue();
    assertThat(book.require(DomainRef.newBuilder().setName("a").build())).isEqualTo(domain);
    assertThat(book.require(DomainRef.newBuilder().setUuid(ONE).build())).isEqualTo(domain);
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND,
        () -> book.require(DomainRef.newBuilder().setName("b").build()));
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND,
        () -> book.require(DomainRef.newBuilder().setId(0).build()));
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND,
        () -> book.require(DomainRef.getDefaultInstance()));
    assertThat(kinds()).containsExactly(EventKind.EVENT_KIND_DOMAIN_DEFINED);
  }

  @Test
  void definingWhatWasReadChangesNothingAndIsNotTold() {
    // R24
    Domain first = book.define(spec("a", ONE), "");
    time.pass(Duration.ofSeconds(1));
    Domain again = book.define(first.getSpec(), first.getEtag());
    assertThat(again).isEqualTo(first);
    assertThat(kinds()).hasSize(1);
  }

  @Test
  void aSpecWithoutUuidMeansTheDomainOfItsName() {
    // R24
    DomainSpec known = book.define(spec("a", ONE), "").getSpec();

    DomainSpec same = book.complete(known.toBuilder().clearUuid().build(), new Random(1));
    DomainSpec other = book.complete(spec("b", ""), new Random(1));

    assertThat(same.getUuid()).isEqualTo(ONE);
    assertThat(other.getUuid()).hasSize(36).isNotEqualTo(ONE);
    assertThat(book.complete(spec("c", TWO), new Random(1)).getUuid()).isEqualTo(TWO);
  }

  @Test
  void aUuidIsTheSameInUpperAndLowerCase() {
    // R24: else two domains had one uuid, and one of them could not be reached by it.
    String lower = "00000000-0000-4000-8000-00000000000a";
    String upper = lower.toUpperCase(Locale.ROOT);
    DomainSpec asked = book.complete(spec("a", upper), new Random(1));
    assertThat(asked.getUuid()).isEqualTo(lower);
    Domain domain = book.define(asked, "");
    assertThat(book.require(DomainRef.newBuilder().setUuid(upper).build())).isEqualTo(domain);
    assertThat(book.find(upper)).contains(domain);
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_ALREADY_EXISTS, () -> book.preview(spec("b", upper), ""));
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_ALREADY_EXISTS, () -> book.addTransient(spec("a", upper)));
  }

  @Test
  void aDomainThatWasStoredInUpperCaseKeepsItsUuid() {
    // Jobs and snapshots of that time name it so.
    String upper = "00000000-0000-4000-8000-00000000000A";
    Domain old = book.define(spec("a", upper), "");
    DomainBook reloaded = new DomainBook(store, time, events::add);
    assertThat(reloaded.find(upper.toLowerCase(Locale.ROOT)).map(Domain::getSpec))
        .contains(old.getSpec());
    DomainSpec again = reloaded.complete(spec("a", upper.toLowerCase(Locale.ROOT)), new Random(1));
    assertThat(again.getUuid()).isEqualTo(upper);
    assertThat(reloaded.define(old.getSpec(), old.getEtag()).getSpec()).isEqualTo(old.getSpec());
  }

  @Test
  void aGuestBeginsWithItsSpecAndLeavesNothingBehind() {
    Domain defined = book.define(spec("a", ONE), "");
    time.pass(Duration.ofSeconds(1));
    Domain running =
        book.started(defined.getSpec(), false, Acceleration.ACCELERATION_TCG, "no KVM");
    assertThat(running.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(running.getStatus().getReason())
        .isEqualTo(DomainStateReason.DOMAIN_STATE_REASON_BOOTED);
    assertThat(running.getStatus().getId()).isEqualTo(1);
    assertThat(running.getStatus().getStartTime()).isEqualTo(ProtoTimes.timestamp(time.instant()));
    assertThat(running.getStatus().getLiveSpec()).isEqualTo(defined.getSpec());
    Domain ended =
        book.ended(
            ONE,
            EventKind.EVENT_KIND_DOMAIN_CRASHED,
            DomainState.DOMAIN_STATE_CRASHED,
            DomainStateReason.DOMAIN_STATE_REASON_CRASHED,
            "signal 9");
    assertThat(ended.getStatus())
        .isEqualTo(
            defined.getStatus().toBuilder()
                .setState(DomainState.DOMAIN_STATE_CRASHED)
                .setReason(DomainStateReason.DOMAIN_STATE_REASON_CRASHED)
                .setDetail("signal 9")
                .setStateTime(ProtoTimes.timestamp(time.instant()))
                .setObservedTime(ProtoTimes.timestamp(time.instant()))
                .build());
    Domain paused = book.started(defined.getSpec(), true, Acceleration.ACCELERATION_TCG, "");
    assertThat(paused.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(paused.getStatus().getDetail()).isEmpty();
    assertThat(paused.getStatus().getId()).as("a new number").isEqualTo(2);
    assertThat(kinds())
        .containsExactly(
            EventKind.EVENT_KIND_DOMAIN_DEFINED,
            EventKind.EVENT_KIND_DOMAIN_STARTED,
            EventKind.EVENT_KIND_DOMAIN_CRASHED,
            EventKind.EVENT_KIND_DOMAIN_STARTED);
  }

  @Test
  void oneHappeningSeenTwiceIsToldOnce() {
    book.define(spec("a", ONE), "");
    for (int observer = 0; observer < 2; observer++) {
      book.observe(
          ONE,
          now ->
              now.getState() == DomainState.DOMAIN_STATE_RUNNING
                  ? Optional.empty()
                  : Optional.of(
                      new DomainBook.StatusChange(
                          EventKind.EVENT_KIND_DOMAIN_RESUMED,
                          status -> status.setState(DomainState.DOMAIN_STATE_RUNNING))));
    }
    assertThat(book.require(ONE).getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(kinds())
        .containsExactly(EventKind.EVENT_KIND_DOMAIN_DEFINED, EventKind.EVENT_KIND_DOMAIN_RESUMED);
  }

  @Test
  void etagProtectsAgainstChangesInBetween() {
    Domain first = book.define(spec("a", ONE), "");
    Domain second = book.define(spec("a", ONE).toBuilder().setVcpus(2).build(), first.getEtag());
    assertThat(second.getEtag()).isNotEqualTo(first.getEtag());
    refused(
        ErrorReason.ERROR_REASON_ETAG_MISMATCH, () -> book.define(spec("a", ONE), first.getEtag()));
    assertThat(book.require(ONE)).isEqualTo(second);
    refused(ErrorReason.ERROR_REASON_ETAG_MISMATCH, () -> book.define(spec("b", TWO), "anything"));
  }

  @Test
  void etagCoversAutostartToo() {
    Domain first = book.define(spec("a", ONE), "");
    Domain changed =
        book.change(ONE, builder -> builder.getStatusBuilder().setAutostart(true), _ -> {});
    assertThat(changed.getEtag()).isNotEqualTo(first.getEtag());
  }

  @Test
  void previewStoresNothing() {
    Domain shown = book.preview(spec("a", ONE), "");
    assertThat(shown.getEtag()).isNotEmpty();
    assertThat(book.list()).isEmpty();
    assertThat(events).isEmpty();
  }

  @Test
  void nameAndUuidAreUnique() {
    book.define(spec("a", ONE), "");
    refused(ErrorReason.ERROR_REASON_DOMAIN_ALREADY_EXISTS, () -> book.define(spec("a", TWO), ""));
    refused(ErrorReason.ERROR_REASON_DOMAIN_ALREADY_EXISTS, () -> book.define(spec("b", ONE), ""));
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_ALREADY_EXISTS, () -> book.addTransient(spec("a", ONE)));
    assertThat(book.list()).hasSize(1);
  }

  @Test
  void definitionsSurviveARestartShutOff() {
    book.define(spec("a", ONE), "");
    book.change(ONE, builder -> builder.getStatusBuilder().setAutostart(true), _ -> {});
    run(ONE, 1);
    book.addTransient(spec("t", TWO));

    DomainBook reloaded = new DomainBook(store, time, events::add);
    assertThat(reloaded.list()).hasSize(1);
    Domain domain = reloaded.require(ONE);
    assertThat(domain.getSpec()).isEqualTo(spec("a", ONE));
    assertThat(domain.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(domain.getStatus().getAutostart()).isTrue();
    assertThat(domain.getStatus().getId()).isZero();
    assertThat(domain.getEtag()).isEqualTo(book.require(ONE).getEtag());
  }

  @Test
  void stateTimeMovesOnlyWithTheState() {
    Domain defined = book.define(spec("a", ONE), "");
    time.pass(Duration.ofSeconds(1));
    Domain running = run(ONE, 1);
    assertThat(running.getStatus().getStateTime())
        .isEqualTo(ProtoTimes.timestamp(time.instant()))
        .isNotEqualTo(defined.getStatus().getStateTime());
    time.pass(Duration.ofSeconds(1));
    book.confirm(ONE);
    Domain confirmed = book.require(ONE);
    assertThat(confirmed.getStatus().getStateTime()).isEqualTo(running.getStatus().getStateTime());
    assertThat(confirmed.getStatus().getObservedTime())
        .isEqualTo(ProtoTimes.timestamp(time.instant()));
    assertThat(kinds()).hasSize(2);
  }

  @Test
  void undefinedRunningDomainGoesOnAsWhatItRunsAs() {
    // F1
    book.define(spec("a", ONE), "");
    run(ONE, 1);
    book.define(spec("a", ONE).toBuilder().setVcpus(8).build(), "");
    book.undefine(ONE, _ -> {});
    Domain left = book.require(ONE);
    assertThat(left.getStatus().getPersistent()).isFalse();
    assertThat(left.getSpec()).isEqualTo(spec("a", ONE));
    assertThat(new DomainBook(store, time, events::add).list()).isEmpty();
    book.remove(ONE);
    assertThat(book.list()).isEmpty();
    assertThat(kinds())
        .endsWith(EventKind.EVENT_KIND_DOMAIN_UNDEFINED, EventKind.EVENT_KIND_DOMAIN_REMOVED);
  }

  @Test
  void undefinedShutOffDomainIsGone() {
    book.define(spec("a", ONE), "");
    book.undefine(ONE, _ -> {});
    refused(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND, () -> book.require(ONE));
    assertThat(kinds())
        .containsExactly(
            EventKind.EVENT_KIND_DOMAIN_DEFINED,
            EventKind.EVENT_KIND_DOMAIN_UNDEFINED,
            EventKind.EVENT_KIND_DOMAIN_REMOVED);
  }

  @Test
  void changeThatCannotBeWrittenIsNotShown() {
    // R8
    Domain before = book.define(spec("a", ONE), "");
    assertThatThrownBy(
            () ->
                book.change(
                    ONE,
                    builder -> builder.getSpecBuilder().setVcpus(9),
                    transaction -> {
                      throw new IllegalStateException("full");
                    }))
        .hasMessage("full");
    assertThat(book.require(ONE)).isEqualTo(before);
    assertThat(new DomainBook(store, time, events::add).require(ONE).getSpec())
        .isEqualTo(before.getSpec());
    assertThat(kinds()).hasSize(1);
  }

  @Test
  void moreDomainsThanMayBeAreRefusedAndThoseThereAreGoOn() {
    // R29
    var _ = book.define(spec("one", "u1"), "");
    DomainBook limited = new DomainBook(store, time, events::add, new DriverLimits(2, 0, 0, 0));
    var _ = limited.addTransient(spec("two", "u2"));
    DriverException failure =
        refused(
            ErrorReason.ERROR_REASON_LIMIT_EXCEEDED, () -> limited.define(spec("three", "u3"), ""));
    assertThat(failure.metadata()).containsEntry("limit", "domains").containsEntry("maximum", "2");
    refused(ErrorReason.ERROR_REASON_LIMIT_EXCEEDED, () -> limited.preview(spec("x", "u3"), ""));
    assertThat(limited.define(spec("one", "u1").toBuilder().setTitle("new").build(), ""))
        .matches(domain -> domain.getSpec().getTitle().equals("new"));
    limited.remove("u2");
    assertThat(limited.define(spec("three", "u3"), "").getSpec().getName()).isEqualTo("three");
  }

  @Test
  void numbersAreNeverGivenTwice() {
    assertThat(book.nextId()).isEqualTo(1);
    assertThat(book.nextId()).isEqualTo(2);
    assertThat(new DomainBook(store, time, events::add).nextId()).isEqualTo(3);
  }

  private Domain run(String uuid, int id) {
    return book.observe(
        uuid,
        EventKind.EVENT_KIND_DOMAIN_STARTED,
        status ->
            status
                .setState(DomainState.DOMAIN_STATE_RUNNING)
                .setId(id)
                .setLiveSpec(book.require(uuid).getSpec()));
  }

  private static DomainSpec spec(String name, String uuid) {
    return DomainSpec.newBuilder().setName(name).setUuid(uuid).setMemoryBytes(1 << 20).build();
  }

  private List<EventKind> kinds() {
    return events.stream().map(DriverEvent::kind).toList();
  }
}
