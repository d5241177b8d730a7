package dev.drover.qemu.domain;

import dev.drover.spi.domain.DomainBook;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.EventKind;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What of a running domain does not answer, for people: its hypervisor, or the file system of one
 * of its images. While either does not, the domain is shown as unresponsive (R4).
 */
final class DomainSilence {

  private final AtomicReference<Optional<String>> hypervisor =
      new AtomicReference<>(Optional.empty());
  private final AtomicReference<Optional<String>> storage = new AtomicReference<>(Optional.empty());

  /**
   * Notes that the hypervisor does not answer.
   *
   * @return false where that was noted, with words that stay
   */
  boolean hypervisorIsSilent(String detail) {
    return hypervisor.compareAndSet(Optional.empty(), Optional.of(detail));
  }

  /**
   * Notes that the hypervisor answers.
   *
   * @return false where nothing else was noted
   */
  boolean hypervisorAnswers() {
    return hypervisor.getAndSet(Optional.empty()).isPresent();
  }

  /**
   * Notes what file system does not answer; empty: all do.
   *
   * @return whether one began or ceased to
   */
  boolean storageIsSilent(Optional<String> detail) {
    Optional<String> before =
        storage.getAndUpdate(known -> detail.isPresent() && known.isPresent() ? known : detail);
    return before.isPresent() != detail.isPresent();
  }

  boolean isStorageSilent() {
    return storage.get().isPresent();
  }

  /** Writes into a status what is noted at this moment. */
  void show(DomainStatus.Builder status) {
    Optional<String> detail = detail();
    status.setUnresponsive(detail.isPresent()).setUnresponsiveDetail(detail.orElse(""));
  }

  /** Shows what is noted at the moment of the change, while the domain runs and shows it not. */
  void show(DomainBook book, String uuid) {
    var _ =
        book.observe(
            uuid,
            status ->
                status.getProcessId() == 0
                        || status.getUnresponsiveDetail().equals(detail().orElse(""))
                    ? Optional.empty()
                    : Optional.of(
                        new DomainBook.StatusChange(
                            EventKind.EVENT_KIND_DOMAIN_UPDATED, this::show)));
  }

  private Optional<String> detail() {
    return hypervisor.get().or(storage::get);
  }
}
