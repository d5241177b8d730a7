package dev.drover.benchmarks;

import dev.drover.client.Drover;
import dev.drover.client.DroverException;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Many domains of one driver, which are there as long as this. */
final class Crowd implements AutoCloseable {

  private static final long MEMORY_BYTES = 16L << 20;
  private static final int AT_A_TIME = 2;

  private final Drover client;
  private final Consumer<String> progress;
  private final ConcurrentMap<String, Long> processes = new ConcurrentHashMap<>();
  private final List<DomainSpec> specs = new ArrayList<>();

  /** None yet. */
  Crowd(Measurement.Bench bench, DroverSide.Side side) {
    this.client = bench.drover().connect(side, DroverSide.PATIENCE);
    this.progress = bench.progress();
  }

  /** A domain without disks. */
  static DomainSpec spec(String name) {
    return DomainSpec.newBuilder().setName(name).setMemoryBytes(MEMORY_BYTES).build();
  }

  /** A domain with one disk. */
  static DomainSpec spec(String name, Path image) {
    return spec(name).toBuilder()
        .addDisks(
            Disk.newBuilder()
                .setTarget("vda")
                .setSource(
                    Image.newBuilder()
                        .setPath(image.toString())
                        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)))
        .build();
  }

  /** Defines these and starts them, with their processors held. */
  void start(List<DomainSpec> wanted) {
    each(
        wanted,
        spec -> {
          processes.put(spec.getName(), 0L);
          var _ = client.domains().define(spec);
          processes.put(spec.getName(), DroverSide.start(client.domain(spec.getName())));
        });
    wanted.forEach(spec -> specs.add(client.domain(spec.getName()).get().getSpec()));
  }

  /** Each as it was defined, in the order of {@link #start}. */
  List<DomainSpec> specs() {
    return List.copyOf(specs);
  }

  /** The process of a domain. */
  long process(String name) {
    Long process = processes.get(name);
    if (process == null) {
      throw new IllegalArgumentException("no domain " + name);
    }
    return process;
  }

  /** Ends a domain by force. */
  void destroy(String name, Duration atMost) {
    var _ =
        client.call(
            DomainServiceGrpc.getDestroyDomainMethod(),
            DestroyDomainRequest.newBuilder()
                .setDomain(DomainRef.newBuilder().setName(name))
                .build(),
            atMost);
  }

  /** Ends and forgets every domain; where the daemon cannot end one, its process is killed. */
  @Override
  public void close() {
    try (client) {
      each(List.copyOf(processes.keySet()), this::remove);
    }
  }

  private void remove(String name) {
    try {
      destroy(name, DroverSide.PATIENCE);
    } catch (DroverException e) {
      if (e.reason() != ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING) {
        kill(process(name), e);
      }
    }
    try {
      client.domain(name).undefine(true);
    } catch (DroverException e) {
      progress.accept("domain %s is left behind: %s".formatted(name, e.getMessage()));
    }
  }

  private void kill(long process, DroverException why) {
    progress.accept("killing process %d: %s".formatted(process, why.getMessage()));
    ProcessHandle.of(process)
        .filter(_ -> process > 0)
        .ifPresent(
            handle -> {
              handle.destroyForcibly();
              handle.onExit().orTimeout(DroverSide.PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
            });
  }

  private static <T> void each(List<T> items, Consumer<T> work) {
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME)) {
      List<Future<?>> all = new ArrayList<>();
      items.forEach(item -> all.add(threads.submit(() -> work.accept(item))));
      for (Future<?> one : all) {
        var _ = one.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a domain of the crowd failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted at work on many domains", e);
    }
  }
}
