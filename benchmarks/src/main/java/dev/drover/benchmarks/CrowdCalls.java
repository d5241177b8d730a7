package dev.drover.benchmarks;

import com.google.protobuf.FieldMask;
import dev.drover.client.Drover;
import dev.drover.client.DroverException;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ListDomainsRequest;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Calls for the domains of one driver that do not hang, one at a time, each in its turn. */
final class CrowdCalls implements AutoCloseable {

  private static final Duration DEADLINE = Duration.ofSeconds(5);
  private static final ListDomainsRequest ALL =
      ListDomainsRequest.newBuilder().setPageSize(1000).build();
  private static final ListDomainsRequest STATUS =
      ALL.toBuilder()
          .setReadMask(FieldMask.newBuilder().addPaths("spec.name").addPaths("status"))
          .build();

  private final DroverSide.Side side;
  private final Drover client;
  private final DomainEvents events;
  private final List<DomainSpec> domains;
  private long turn;

  /** What is measured. */
  enum Call {
    /** One domain. */
    GET("`GetDomain`"),
    /** All domains. */
    LIST("`ListDomains`"),
    /** What all domains do. */
    STATUS("`ListDomains`, names and status"),
    /** From before a description is changed until a watcher has the event. */
    EVENT("change until a watcher has it");

    private final String title;

    Call(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  /** Connects to the domains' driver. */
  CrowdCalls(DroverSide drover, DroverSide.Side side, List<DomainSpec> domains) {
    this.side = side;
    this.client = drover.connect(side, DEADLINE);
    this.events = new DomainEvents(client);
    this.domains = List.copyOf(domains);
  }

  /** Everything a watcher of these domains, and of those that hang, is told. */
  DomainEvents events() {
    return events;
  }

  /** Makes each call once, for the domain whose turn it is. */
  void take(CallTimes times) {
    DomainSpec domain = domains.get((int) (turn % domains.size()));
    String description = "change " + turn;
    turn++;
    time(times, Call.GET, () -> client.domain(domain.getName()).get());
    time(times, Call.LIST, () -> client.call(DomainServiceGrpc.getListDomainsMethod(), ALL));
    time(times, Call.STATUS, () -> client.call(DomainServiceGrpc.getListDomainsMethod(), STATUS));
    long start = System.nanoTime();
    boolean defined =
        attempt(
            () -> client.domains().define(domain.toBuilder().setDescription(description).build()));
    OptionalLong seen =
        defined
            ? events.await(
                domain.getName(),
                now -> now.getSpec().getDescription().equals(description),
                DEADLINE)
            : OptionalLong.empty();
    times.add(
        new CallTimes.Kind(Call.EVENT, side),
        (seen.orElse(System.nanoTime()) - start) / 1e6,
        seen.isPresent());
  }

  private void time(CallTimes times, Call kind, Supplier<?> call) {
    Stopwatch watch = new Stopwatch();
    boolean answered = attempt(call);
    times.add(new CallTimes.Kind(kind, side), watch.milliseconds(), answered);
  }

  /** Whether it was answered; how often it was not is part of the result. */
  private static boolean attempt(Supplier<?> call) {
    try {
      var _ = call.get();
      return true;
    } catch (DroverException _) {
      return false;
    }
  }

  @Override
  public void close() {
    events.close();
    client.close();
  }
}
