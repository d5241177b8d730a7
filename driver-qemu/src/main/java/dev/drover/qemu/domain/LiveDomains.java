package dev.drover.qemu.domain;

import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The register of running QEMU processes, by uuid of their domains. Safe for any threads. */
public final class LiveDomains {

  private static final Logger logger = LoggerFactory.getLogger(LiveDomains.class);

  private final Map<String, LiveDomain> byUuid = new ConcurrentHashMap<>();
  private final List<LiveDomainListener> listeners = new CopyOnWriteArrayList<>();

  /** Adds a listener; it hears of what happens from now on. */
  public void addListener(LiveDomainListener listener) {
    listeners.add(listener);
  }

  /** Every running QEMU. */
  public List<LiveDomain> list() {
    return List.copyOf(byUuid.values());
  }

  /** The running QEMU of a domain. */
  public Optional<LiveDomain> find(String uuid) {
    return Optional.ofNullable(byUuid.get(uuid));
  }

  /**
   * The running QEMU of a domain.
   *
   * @throws DriverException DOMAIN_NOT_RUNNING
   */
  public LiveDomain require(Domain domain) {
    return find(domain.getSpec().getUuid())
        .orElseThrow(
            () -> {
              DomainStates.requireActive(domain);
              return DriverException.of(
                  ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING,
                  "the hypervisor of domain '%s' is ending; start the domain when it is shut off"
                      .formatted(domain.getSpec().getName()),
                  "domain",
                  domain.getSpec().getName(),
                  "state",
                  DomainStates.text(domain.getStatus().getState()));
            });
  }

  /** Enters a QEMU, without telling anybody. */
  public void add(LiveDomain domain) {
    byUuid.put(domain.uuid(), domain);
  }

  /** Tells that the driver talks to this QEMU. */
  public void adopted(LiveDomain domain) {
    for (LiveDomainListener listener : listeners) {
      try {
        listener.onAdopted(domain);
      } catch (RuntimeException e) {
        logger.error("Taking up the work on domain {} failed", domain.name(), e);
      }
    }
  }

  /** Tells that this QEMU answers again after a silence. */
  public void answering(LiveDomain domain) {
    for (LiveDomainListener listener : listeners) {
      try {
        listener.onAnswering(domain);
      } catch (RuntimeException e) {
        logger.error("Going on with the work on domain {} failed", domain.name(), e);
      }
    }
  }

  /** Removes a QEMU that has ended, and tells. Does nothing when it was removed before. */
  public void ended(LiveDomain domain, DomainEnd how) {
    if (!byUuid.remove(domain.uuid(), domain)) {
      return;
    }
    for (LiveDomainListener listener : listeners) {
      try {
        listener.onEnded(domain, how);
      } catch (RuntimeException e) {
        logger.error("Closing the work on domain {} failed", domain.name(), e);
      }
    }
  }
}
