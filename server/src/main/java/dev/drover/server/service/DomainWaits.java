package dev.drover.server.service;

import dev.drover.server.activity.OngoingWork;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.activity.Work;
import dev.drover.v1.CommandWait;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainWait;
import dev.drover.v1.LaneWait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Gathers by domain what waits within one driver. Used by one thread. */
final class DomainWaits {

  private final Map<String, Gathered> byUuid = new TreeMap<>();

  /** Adds work that has not ended. */
  void add(OngoingWork one) {
    Work work = one.work();
    Gathered domain = gathered(work.domainUuid(), work.domainName());
    switch (work) {
      case Work.Command command -> domain.command(command, one);
      case Work.LaneHeld held -> domain.result.setLane(lane(held.operation(), one.age()));
      case Work.LaneAwaited awaited ->
          domain.waiting.add(new Waiting(awaited.operation(), one.age()));
    }
  }

  /** Adds a domain where it does not answer. */
  void add(Domain domain) {
    if (domain.getStatus().getUnresponsive()) {
      gathered(domain.getSpec().getUuid(), domain.getSpec().getName())
          .result
          .setUnresponsive(true)
          .setUnresponsiveDetail(domain.getStatus().getUnresponsiveDetail());
    }
  }

  private Gathered gathered(String uuid, String name) {
    return byUuid.computeIfAbsent(uuid, _ -> new Gathered(uuid, name));
  }

  /** What was gathered, by name. */
  List<DomainWait> list() {
    return byUuid.values().stream()
        .map(Gathered::build)
        .sorted(Comparator.comparing(DomainWait::getName))
        .toList();
  }

  private static LaneWait lane(String operation, Duration age) {
    return LaneWait.newBuilder().setOperation(operation).setAge(ProtoTimes.duration(age)).build();
  }

  /** Somebody who waits for a lane. */
  private record Waiting(String operation, Duration age) {}

  /** What waits for or within one domain. */
  private static final class Gathered {

    private final DomainWait.Builder result;
    private final List<Waiting> waiting = new ArrayList<>();
    private Duration oldest = Duration.ZERO;

    Gathered(String uuid, String name) {
      result = DomainWait.newBuilder().setUuid(uuid).setName(name);
    }

    void command(Work.Command command, OngoingWork one) {
      result.setCommands(result.getCommands() + 1);
      if (!result.hasOldestCommand() || one.age().compareTo(oldest) > 0) {
        oldest = one.age();
        result.setOldestCommand(
            CommandWait.newBuilder()
                .setCommand(command.command())
                .setAge(ProtoTimes.duration(one.age()))
                .setGivenUp(one.givenUp()));
      }
    }

    DomainWait build() {
      waiting.stream()
          .sorted(Comparator.comparing(Waiting::age).reversed())
          .forEach(one -> result.addWaiting(lane(one.operation(), one.age())));
      return result.build();
    }
  }
}
