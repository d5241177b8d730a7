package dev.drover.client.cli;

import dev.drover.client.EventWatch;
import dev.drover.v1.Event;
import dev.drover.v1.ResyncReason;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code drover event}: prints what happens, as it happens. */
@Command(
    name = "event",
    description = {
      "Print events: one, or with --loop all until Ctrl-C or the timeout. Goes on over lost"
          + " connections and restarts of the daemon, and says where events may be missing."
    })
final class EventCommand extends Verb {
  @Parameters(
      index = "0..*",
      arity = "0..2",
      paramLabel = "[DOMAIN] EVENT",
      description = "Type of event, and before it the domain it concerns.")
  private List<String> words = new ArrayList<>();

  @Option(names = "--domain", paramLabel = "DOMAIN", description = "Events of this domain only.")
  private Optional<String> domain = Optional.empty();

  @Option(
      names = "--name-glob",
      paramLabel = "GLOB",
      description =
          "Events of domains with such a name only: * stands for any characters, ? for one.")
  private Optional<String> nameGlob = Optional.empty();

  @Option(
      names = "--label",
      paramLabel = "KEY=VALUE",
      description = "Events of domains with this label only; may be given several times.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(names = "--event", paramLabel = "EVENT", description = "Type of event.")
  private Optional<String> event = Optional.empty();

  @Option(names = "--all", description = "All types but job-progress.")
  private boolean all;

  @Option(names = "--loop", description = "Go on after the first event.")
  private boolean loop;

  @Option(names = "--timeout", paramLabel = "SECONDS", description = "End after this time.")
  private Optional<Long> timeout = Optional.empty();

  @Option(names = "--list", description = "List the types of events.")
  private boolean list;

  @Option(names = "--timestamp", description = "Print the time of each event.")
  private boolean timestamp;

  EventCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    if (list) {
      List<String> known = Arrays.stream(EventType.values()).map(EventType::word).toList();
      if (output().forPeople()) {
        known.forEach(output()::line);
      } else {
        output().document(known);
      }
      return;
    }
    Set<EventType> types = types();
    WatchRequest.Builder request = WatchRequest.newBuilder().setLiveOnly(true);
    types.stream().map(EventType::watched).distinct().forEach(request::addTypes);
    domainWords().ifPresent(given -> request.setDomain(domain(given).ref()));
    nameGlob.ifPresent(request::setNameGlob);
    request.putAllLabels(labels);
    try (EventWatch watch = drover().watch(request.build());
        Interrupts.Registration _ =
            session().surroundings().interrupts().onInterrupt(watch::close)) {
      watch.onConnectionLost(
          lost -> {
            tell("Connection lost, looking for the daemon: " + lost.getMessage());
            if (watch.revision() == 0) {
              tell(missing("nothing had come yet that tells where to go on"));
            }
          });
      follow(watch, types);
    }
  }

  private void follow(EventWatch watch, Set<EventType> types) {
    long end =
        timeout
            .map(seconds -> System.nanoTime() + Duration.ofSeconds(seconds).toNanos())
            .orElse(0L);
    int received = 0;
    String ending = "";
    while (loop || received == 0) {
      Optional<WatchResponse> message;
      try {
        message =
            timeout.isPresent()
                ? watch.next(Duration.ofNanos(Math.max(1, end - System.nanoTime())))
                : watch.next();
      } catch (TimeoutException e) {
        ending = "event loop timed out";
        break;
      }
      if (message.isEmpty()) {
        ending = "event loop interrupted";
        break;
      }
      if (message.get().hasResync()) {
        gap(message.get().getResync().getReason()).ifPresent(why -> tell(missing(why)));
      }
      if (message.get().hasEvent() && print(message.get().getEvent(), types)) {
        received++;
        if (!output().flush()) {
          return;
        }
      }
    }
    if (!ending.isEmpty()) {
      output().confirm(ending);
    }
    output().confirm("events received: %d".formatted(received));
  }

  private void tell(String line) {
    session().surroundings().err().println(line);
  }

  private static String missing(String why) {
    return "Events may be missing here: " + why;
  }

  /** Why events may be missing where a stream begins anew; empty: none are. */
  private static Optional<String> gap(ResyncReason reason) {
    return switch (reason) {
      case RESYNC_REASON_TOO_OLD ->
          Optional.of("the daemon has been restarted, or holds them no longer");
      case RESYNC_REASON_SLOW_CONSUMER -> Optional.of("they came faster than they were read");
      case RESYNC_REASON_PERMISSIONS -> Optional.of("what you may see has changed");
      case RESYNC_REASON_INITIAL, RESYNC_REASON_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  private boolean print(Event happened, Set<EventType> types) {
    Optional<EventType> type = EventType.of(happened.getKind());
    if (type.isEmpty() || !types.contains(type.get())) {
      return false;
    }
    if (!output().forPeople()) {
      output().next(happened);
      return true;
    }
    String time =
        timestamp ? Texts.time(happened.getTime(), session().surroundings().zone()) + ": " : "";
    output()
        .line(
            "%sevent '%s' for domain '%s': %s"
                .formatted(
                    time,
                    type.get().word(),
                    EventType.domainName(happened.getObject()),
                    EventType.words(happened)));
    return true;
  }

  private Set<EventType> types() {
    Optional<String> word =
        event.or(() -> all || words.isEmpty() ? Optional.empty() : Optional.of(words.getLast()));
    if (all == word.isPresent()) {
      throw new CommandFailure(
          "One of --list, --all or an event type is required; the types are: "
              + EventType.allWords());
    }
    if (all) {
      return EnumSet.complementOf(EnumSet.of(EventType.JOB_PROGRESS));
    }
    return EnumSet.of(
        EventType.named(word.get())
            .orElseThrow(
                () ->
                    new CommandFailure(
                        "Event type '%s' is not known; the types are: %s"
                            .formatted(word.get(), EventType.allWords()))));
  }

  private Optional<String> domainWords() {
    int taken = all || event.isPresent() ? 0 : 1;
    if (words.size() - taken > (domain.isPresent() ? 0 : 1)) {
      throw new CommandFailure("Too many arguments: " + String.join(" ", words));
    }
    return domain.or(() -> words.size() > taken ? Optional.of(words.getFirst()) : Optional.empty());
  }

  @Override
  String failure() {
    return "Failed to watch events";
  }
}
