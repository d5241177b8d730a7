package dev.drover.server.argument;

import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchType;

/** Rules of the requests of EventService. */
final class EventArguments {

  private EventArguments() {}

  static void register(ArgumentRules.Table table) {
    table.add(
        WatchRequest.class,
        request -> {
          Argument.that(
              !(request.getLiveOnly() && request.getResumeRevision() != 0),
              "live_only",
              "excludes resume_revision");
          Argument.that(
              !request.getTypesList().contains(WatchType.WATCH_TYPE_UNSPECIFIED),
              "types",
              "must not hold WATCH_TYPE_UNSPECIFIED");
          Argument.glob(request.getNameGlob(), "name_glob");
          if (request.hasDomain()) {
            Argument.domain(request.getDomain());
          }
        });
  }
}
