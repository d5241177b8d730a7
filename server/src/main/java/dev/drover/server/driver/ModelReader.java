package dev.drover.server.driver;

import dev.drover.spi.DurationWords;
import dev.drover.spi.Jobs;
import dev.drover.v1.Domain;
import dev.drover.v1.Job;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the model of one driver, and waits for it only so long. Drivers promise that reading never
 * blocks; what must answer while anything hangs holds although one of them breaks that promise (R4,
 * R21). Used by any number of threads.
 */
public final class ModelReader {

  private static final Logger log = LoggerFactory.getLogger(ModelReader.class);

  /** Jobs for which it is told who has their places; of further ones only that they wait. */
  private static final int MOST_WAITING = 100;

  private final DriverConnection connection;
  private final ExecutorService executor;
  private CompletableFuture<Reading> reading = CompletableFuture.completedFuture(Reading.EMPTY);

  /**
   * What a driver knows at the moment.
   *
   * @param domains its domains
   * @param jobs its jobs, also those that have ended
   * @param placeHolders ids of the jobs that have the places for which jobs wait, by the id of the
   *     one that waits
   */
  public record Reading(
      List<Domain> domains, List<Job> jobs, Map<String, List<String>> placeHolders) {

    private static final Reading EMPTY = new Reading(List.of(), List.of(), Map.of());

    /** Copies the lists. */
    public Reading {
      domains = List.copyOf(domains);
      jobs = List.copyOf(jobs);
      placeHolders = Map.copyOf(placeHolders);
    }
  }

  /**
   * Makes the reader of a driver.
   *
   * @param executor threads on which the model is read
   */
  public ModelReader(DriverConnection connection, ExecutorService executor) {
    this.connection = connection;
    this.executor = executor;
  }

  /** Scheme of the driver. */
  public String scheme() {
    return connection.scheme();
  }

  /** Begins to read, unless an earlier reading has not ended. */
  public synchronized void begin() {
    if (reading.isDone()) {
      reading = CompletableFuture.supplyAsync(this::read, executor);
    }
  }

  private Reading read() {
    Optional<Jobs> facet = connection.jobs();
    List<Job> jobs = facet.map(Jobs::list).orElse(List.of());
    Map<String, List<String>> holders =
        jobs.stream()
            .filter(Job::hasQueuePlace)
            .limit(MOST_WAITING)
            .collect(
                Collectors.toMap(
                    Job::getId,
                    job -> facet.map(one -> one.placeHolders(job.getId())).orElse(List.of())));
    return new Reading(connection.driver().domains().list(), jobs, holders);
  }

  private synchronized CompletableFuture<Reading> current() {
    return reading;
  }

  /**
   * The reading that was begun last.
   *
   * @param atMost longest wait for it
   * @return empty where the driver could not be read, or not in that time
   */
  public Optional<Reading> await(Duration atMost) {
    try {
      return Optional.of(current().get(atMost.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException _) {
      log.warn(
          "the model of the driver {} could not be read within {}",
          scheme(),
          DurationWords.of(atMost));
      return Optional.empty();
    } catch (ExecutionException e) {
      log.warn("the model of the driver {} could not be read", scheme(), e);
      return Optional.empty();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
