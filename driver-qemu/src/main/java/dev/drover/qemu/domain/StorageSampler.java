package dev.drover.qemu.domain;

import dev.drover.qemu.image.FileSystemAsker;
import dev.drover.qemu.image.FileSystems;
import dev.drover.spi.DriverContext;
import dev.drover.spi.domain.DomainBook;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the file systems below the images of running domains whether they answer. A guest that does
 * not read or write meanwhile does not notice that one does not, and neither does its hypervisor;
 * who looks at the domain does (R4).
 */
final class StorageSampler implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(StorageSampler.class);

  /** What is seen at the second look after it began is seen well within two seconds (R4). */
  private static final Duration PERIOD = Duration.ofMillis(900);

  /** A little less than a period: timers are not exact. */
  private static final Duration SHOWN_AFTER = PERIOD.multipliedBy(9).dividedBy(10);

  private final DriverContext context;
  private final DomainBook book;
  private final DomainSupervisor supervisor;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("storage-question-", 0).factory());
  private final FileSystemAsker asker = new FileSystemAsker();
  private final FileSystems fileSystems = new FileSystems(threads, asker);
  private final ScheduledFuture<?> timer;

  StorageSampler(DriverContext context, DomainBook book, DomainSupervisor supervisor) {
    this.context = context;
    this.book = book;
    this.supervisor = supervisor;
    this.timer =
        context
            .timers()
            .scheduleWithFixedDelay(
                this::lookAtAll, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void lookAtAll() {
    Instant now = context.clock().instant();
    Map<Supervision, Set<String>> images =
        supervisor.list().stream()
            .collect(Collectors.toMap(running -> running, StorageSampler::images));
    fileSystems.ask(images.values().stream().flatMap(Set::stream).collect(Collectors.toSet()), now);
    Instant latest = now.minus(SHOWN_AFTER);
    images.forEach((running, own) -> look(running, fileSystems.unanswered(own, latest)));
  }

  private void look(Supervision supervision, Optional<FileSystems.Asked> silent) {
    Optional<String> detail =
        silent.map(
            asked ->
                "the file system of image '%s' has not answered since %s; see to its storage"
                    .formatted(asked.path(), asked.since()));
    if (!supervision.silence().storageIsSilent(detail)) {
      return;
    }
    LiveDomain live = supervision.live();
    logger.warn(
        "Domain {}: {}", live.name(), detail.orElse("the file systems of its images answer"));
    try {
      supervision.silence().show(book, live.uuid());
    } catch (RuntimeException e) {
      logger.debug("Domain {} ended while it was looked at", live.name(), e);
    }
  }

  private static Set<String> images(Supervision supervision) {
    return supervision.live().disks().stream()
        .flatMap(disk -> disk.images().stream())
        .map(node -> node.image().getPath())
        .collect(Collectors.toSet());
  }

  @Override
  public void close() {
    timer.cancel(false);
    asker.close();
    threads.shutdown();
  }
}
