package dev.drover.client.cli;

import dev.drover.client.Drover;
import dev.drover.client.DroverException;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.Job;
import dev.drover.v1.JobFilter;
import dev.drover.v1.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Names that the daemon knows, asked for at each completion and given up soon. */
final class ShellNames {
  /** Longer than that nobody waits for a completion. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Supplier<Drover> drover;
  private final Duration patience;

  /**
   * Names of a daemon.
   *
   * @param patience longest time that a question may take
   */
  ShellNames(Supplier<Drover> drover, Duration patience) {
    this.drover = drover;
    this.patience = patience;
  }

  /**
   * What an argument may be.
   *
   * @param label the argument's label in the command's usage
   * @param domain the domain that the line names, where it does
   * @return none where nothing is known, or the daemon does not answer in time
   */
  List<String> of(String label, Optional<String> domain) {
    return switch (label) {
      case "DOMAIN" -> ask(this::domains);
      case "ID" -> ask(this::jobs);
      case "PATH" -> domain.map(name -> ask(() -> disks(name))).orElse(List.of());
      case "SNAPSHOTNAME" -> domain.map(name -> ask(() -> snapshots(name))).orElse(List.of());
      default -> List.of();
    };
  }

  private List<String> domains() {
    return drover.get().domains().list().stream().map(Verb::name).toList();
  }

  private List<String> jobs() {
    JobFilter active = JobFilter.newBuilder().setActiveOnly(true).build();
    return drover.get().jobs().list(active).stream().map(Job::getId).toList();
  }

  private List<String> disks(String domain) {
    return drover.get().domains().find(domain).disks().stream().map(DomainDisk::getTarget).toList();
  }

  private List<String> snapshots(String domain) {
    return drover.get().domains().find(domain).snapshots().stream().map(Snapshot::getName).toList();
  }

  private List<String> ask(Supplier<List<String>> question) {
    CompletableFuture<List<String>> answer =
        CompletableFuture.supplyAsync(question, Thread::startVirtualThread);
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return List.of();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DroverException) {
        return List.of();
      }
      throw new IllegalStateException("names for a completion", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }
}
